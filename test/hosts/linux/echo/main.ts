/** Echoes what comes in, by the calls that allocate nothing; `connect=PORT` dials instead and reports what happens. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { COLLECTIONS, CHUNK_BYTES, MALLOCS, SLOTS, configValue, exit, meter, print } from "vatlet/system";

/** What one stream holds between reading and writing. */
class Echo {
	readonly #buffer = new Uint8Array(65536);
	#held = 0;

	pump(socket: TCP): void {
		const buffer = this.#buffer;
		for (;;) {
			if (this.#held === 0) this.#held = socket.read(buffer, 0, buffer.length);
			if (this.#held === 0) return;
			const taken = socket.write(buffer, 0, this.#held);
			buffer.copyWithin(0, taken, this.#held);
			this.#held -= taken;
			if (this.#held > 0) return;
		}
	}
}

function report(): void {
	print(
		`slots ${meter(SLOTS)} chunks ${meter(CHUNK_BYTES)} collections ${meter(COLLECTIONS)} mallocs ${meter(MALLOCS)}`,
	);
}

function serveOne(accepted: TCP, listener: Listener): void {
	const echo = new Echo();
	print(`accepted from ${accepted.remoteAddress}`);
	report();
	new TCP({
		from: accepted,
		onReadable() {
			echo.pump(this);
		},
		onWritable() {
			echo.pump(this);
		},
		onError(reason) {
			report();
			print(`ended: ${reason}`);
			this.close();
			if (configValue("stay") === undefined) listener.close();
		},
	});
}

function serve(): void {
	const listener = new Listener({
		port: Number(configValue("listen") ?? 0),
		onReadable() {
			for (let accepted = this.read(); accepted; accepted = this.read()) serveOne(accepted, listener);
		},
	});
	print(`port ${listener.port}`);
}

function dial(port: number): void {
	new TCP({
		address: "127.0.0.1",
		port,
		noDelay: true,
		onWritable() {
			print("connected");
			this.write(Uint8Array.of(104, 105));
		},
		onReadable(count) {
			const small = this.read(1) as ArrayBuffer;
			print(`${count} bytes, the first ${new Uint8Array(small)[0]}`);
			try {
				this.read(new Uint8Array(100));
			} catch (error) {
				print(String(error));
			}
			this.format = "number";
			print(`then ${this.read()}, then ${this.read()}`);
		},
		onError(reason) {
			print(`ended: ${reason}`);
			this.close();
			this.close();
			try {
				this.read();
			} catch (error) {
				print(String(error));
			}
			exit(0);
		},
	});
}

const port = configValue("connect");
if (port === undefined) serve();
else dial(Number(port));
