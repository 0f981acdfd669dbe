import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { NodeIdentity } from "../../hosts/node/identity.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { portFault } from "../../hosts/node/serial.js";
import type { Listener, PeerTransport } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import { Cleanup } from "../support/cleanup.node.js";
import { Seeded } from "../support/seeded.js";
import { until, within } from "../support/waiting.js";

/** Two ends of a line without flow control: what one program sends, the other gets, or nobody. */
class NullModem {
	readonly left: string;
	readonly right: string;
	readonly #servers: Server[];
	readonly #ends: (Socket | null)[] = [null, null];
	/** Damages one byte in so many. */
	damage = 0;
	readonly #random = new Seeded(3);

	constructor(folder: string) {
		this.left = join(folder, "left");
		this.right = join(folder, "right");
		this.#servers = [this.left, this.right].map((path, side) =>
			createServer((socket) => {
				this.#ends[side] = socket;
				socket.on("error", () => {});
				socket.on("data", (piece) => this.#ends[1 - side]?.write(this.#spoil(piece)));
				socket.on("close", () => {
					if (this.#ends[side] === socket) this.#ends[side] = null;
				});
			}).listen(path),
		);
	}
	/** Both programs see their port go, as when a cable is pulled that powers the port. */
	unplug(): void {
		for (const end of this.#ends) end?.destroy();
	}
	/** As a board prints between frames. */
	print(text: string): void {
		this.#ends[1]?.write(text);
	}
	close(): void {
		this.unplug();
		for (const server of this.#servers) server.close();
	}
	#spoil(piece: Buffer): Buffer {
		if (this.damage > 0) for (let i = 0; i < piece.length; i++) if (this.#random.chance(this.damage)) piece[i]! ^= 16;
		return piece;
	}
}

function dial(
	network: NodeNetwork,
	path: string,
	identity: NodeIdentity | null,
	expected: Uint8Array | null,
	timeoutMs = 20_000,
): Promise<PeerTransport> {
	return new Promise((resolve, reject) => {
		network.dial({ kind: "serial", path }, identity, expected, timeoutMs, { dialled: resolve, failed: reject });
	});
}

/** Sends everything back, whatever the pieces. */
function echo(stream: PeerTransport): void {
	const bytes = new Uint8Array(1000);
	const move = (): void => {
		for (;;) {
			const count = Math.min(stream.readable(), stream.writable(), bytes.length);
			if (count === 0) break;
			stream.write(bytes, 0, stream.read(bytes, 0, count));
		}
		stream.flush();
	};
	stream.events = { onReadable: move, onWritable: move, onClosed: () => {} };
}

/** Writes `sent` and resolves with as many bytes as come back. */
function exchange(stream: PeerTransport, sent: Uint8Array): Promise<Uint8Array> {
	const got = new Uint8Array(sent.length);
	let gotBytes = 0;
	let sentBytes = 0;
	const whole = new Promise<Uint8Array>((resolve, reject) => {
		const send = (): void => {
			if (sentBytes < sent.length) sentBytes += stream.write(sent, sentBytes, sent.length - sentBytes);
			stream.flush();
		};
		stream.events = {
			onReadable: () => {
				gotBytes += stream.read(got, gotBytes, got.length - gotBytes);
				if (gotBytes === got.length) resolve(got);
			},
			onWritable: send,
			onClosed: (error) => reject(new Error(error?.message ?? "closed")),
		};
		send();
	});
	return within(whole, { what: "the last byte", saw: () => `${gotBytes} bytes of ${sent.length}`, limitMs: 60_000 });
}

describe("a serial line on Node", () => {
	const cleanup = Cleanup.afterEach();
	let folder = "";
	let modem: NullModem;
	let hub: NodeIdentity;
	let board: NodeIdentity;
	const consoleLines: string[] = [];
	const accepted: PeerTransport[] = [];
	/** Each spec's own: a listener of the one before may still have a handshake that ends. */
	let rejected: TransportError[] = [];
	const network = new NodeNetwork({ onConsoleLine: (line) => consoleLines.push(line) });

	beforeAll(async () => {
		hub = await NodeIdentity.create();
		board = await NodeIdentity.create();
	});
	beforeEach(() => {
		folder = cleanup.folder();
		modem = cleanup.closing(new NullModem(folder));
		consoleLines.length = accepted.length = 0;
		rejected = [];
	});
	function listen(path: string, identity: NodeIdentity | null): Promise<void> {
		const own = rejected;
		return new Promise((resolve) => {
			const listener: Listener = network.listen({ kind: "serial", path }, identity, {
				listening: () => resolve(),
				accepted: (stream) => {
					accepted.push(stream);
					echo(stream);
				},
				rejected: (error) => own.push(error),
				failed: (error) => fail(error.message),
			});
			cleanup.closing(listener);
		});
	}
	function randomBytes(length: number): Uint8Array {
		const random = new Seeded(length);
		return Uint8Array.from({ length }, () => random.below(256));
	}

	it("carries TLS with both ends authenticated, and the console's text between", async () => {
		await listen(modem.left, hub);
		const stream = await dial(network, modem.right, board, hub.digest);
		expect(stream.peerDigest).toEqual(hub.digest);
		await until(() => accepted.length === 1);
		expect(accepted[0]!.peerDigest).toEqual(board.digest);
		modem.print("\0temperature 21\r\n");
		const sent = randomBytes(50_000);
		expect(await exchange(stream, sent)).toEqual(sent);
		expect(consoleLines).toEqual(["temperature 21"]);
		stream.close();
	});

	it("carries plaintext over a line that damages one byte in 2,000", async () => {
		modem.damage = 2000;
		await listen(modem.left, null);
		const stream = await dial(network, modem.right, null, null);
		const sent = randomBytes(30_000);
		expect(await exchange(stream, sent)).toEqual(sent);
		stream.close();
	});

	it("says who was there instead of the vat that was asked for", async () => {
		await listen(modem.left, hub);
		await expectAsync(dial(network, modem.right, board, board.digest)).toBeRejectedWith(
			jasmine.objectContaining({ kind: "digest" }),
		);
	});

	it("ends both streams in order when one side closes, and takes the next connection with the TLS session of the one before", async () => {
		await listen(modem.left, hub);
		for (let round = 1; round <= 3; round++) {
			const stream = await dial(network, modem.right, board, hub.digest);
			expect(stream.resumed).toBe(round > 1);
			expect(stream.peerDigest).toEqual(hub.digest);
			const sent = randomBytes(1000 * round);
			expect(await exchange(stream, sent)).toEqual(sent);
			const ended = new Promise<TransportError | null>((resolve) => {
				stream.events = { onReadable: () => {}, onWritable: () => {}, onClosed: resolve };
			});
			stream.close();
			expect(await within(ended, { what: "the stream's end" })).toBeNull();
			await until(() => accepted.length === round);
		}
	});

	it("opens a line again that was unplugged", async () => {
		await listen(modem.left, hub);
		const first = await dial(network, modem.right, board, hub.digest);
		const lost = expectAsync(exchange(first, randomBytes(500_000))).toBeRejected();
		await until(() => accepted.length === 1);
		modem.unplug();
		await lost;
		const sent = randomBytes(2000);
		expect(await exchange(await dial(network, modem.right, board, hub.digest), sent)).toEqual(sent);
	});

	it("says what is the matter with a line that is not there, and waits for one that may come", async () => {
		const absent = join(folder, "ttyACM0");
		await expectAsync(dial(network, absent, board, hub.digest)).toBeRejectedWith(
			jasmine.objectContaining({ kind: "unreachable", message: jasmine.stringContaining("is the board plugged in") }),
		);
		await listen(absent, hub);
		await until(() => rejected.length === 1);
		expect(rejected[0]!.message).toContain("waiting for it");
		expect(portFault("/dev/ttyACM0", "Error: Permission denied, cannot open /dev/ttyACM0")).toContain(
			"usermod -aG dialout",
		);
		expect(portFault("/dev/ttyACM0", "Error Resource temporarily unavailable Cannot lock port")).toContain(
			"another program",
		);
	});

	it("says that nobody answers when nobody does", async () => {
		await expectAsync(dial(network, modem.right, board, hub.digest, 300)).toBeRejectedWith(
			jasmine.objectContaining({ kind: "timeout", message: jasmine.stringContaining("nobody answers") }),
		);
	});
});
