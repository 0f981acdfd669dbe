/** Echoes what comes in, by the calls that allocate nothing; `connect=PORT` dials instead and reports what happens. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { COLLECTIONS, CHUNK_BYTES, MALLOCS, SLOTS, configValue, exit, meter, print } from "vatlet/system";

const buffer = new Uint8Array(65536);
let held = 0;

function pump(socket: TCP): void {
	for (;;) {
		if (held === 0) held = socket.read(buffer, 0, buffer.length);
		if (held === 0) return;
		const taken = socket.write(buffer, 0, held);
		buffer.copyWithin(0, taken, held);
		held -= taken;
		if (held > 0) return;
	}
}

function report(): void {
	print(
		`slots ${meter(SLOTS)} chunks ${meter(CHUNK_BYTES)} collections ${meter(COLLECTIONS)} mallocs ${meter(MALLOCS)}`,
	);
}

function serve(): void {
	const listener = new Listener({
		port: 0,
		onReadable() {
			const accepted = this.read();
			if (!accepted) return;
			print(`accepted from ${accepted.remoteAddress}`);
			report();
			new TCP({
				from: accepted,
				onReadable() {
					pump(this);
				},
				onWritable() {
					pump(this);
				},
				onError(reason) {
					report();
					print(`ended: ${reason}`);
					this.close();
					listener.close();
				},
			});
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
