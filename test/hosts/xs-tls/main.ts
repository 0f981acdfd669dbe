import {
	CHUNK_BYTES,
	COLLECTIONS,
	HEAP_PEAK,
	MALLOCS,
	RAM_FREE,
	SLOTS,
	configValue,
	exit,
	instructions,
	meter,
	print,
} from "vatlet/system";
import { createMachine } from "vatlet/machine";
import type { Machine } from "../../../src/ports/machine.js";
import type { Acceptor, DialCompletion, Endpoint, PeerTransport } from "../../../src/ports/network.js";
import type { TransportError, TransportEvents } from "../../../src/ports/transport.js";

/*
 * A program for the specs: dials (`port=…`, `host=…`, `digest=HEX`), `dials` times one after the other, and plays ping-pong `rounds` times with messages of `size` bytes, or
 * listens (`listen=1`) and echoes. Prints one line of JSON for each thing that happens.
 */

function say(event: string, details: object): void {
	print(JSON.stringify({ event, ...details }));
}

function hex(bytes: Uint8Array | null): string {
	let text = "";
	for (let i = 0; bytes !== null && i < bytes.length; i++) text += bytes[i]!.toString(16).padStart(2, "0");
	return text;
}

function unhex(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

function number(name: string, otherwise: number): number {
	const text = configValue(name);
	return text === undefined ? otherwise : Number(text);
}

/** The engine's counters at one moment, in an array made before. */
function measure(into: Float64Array): void {
	into[0] = meter(SLOTS);
	into[1] = meter(CHUNK_BYTES);
	into[2] = meter(COLLECTIONS);
	into[3] = meter(MALLOCS);
}

/** Sends a message, waits until as many bytes are back, and again. */
class PingPong implements TransportEvents {
	readonly #transport: PeerTransport;
	readonly #bytes: Uint8Array;
	readonly #into: Uint8Array;
	readonly #before = new Float64Array(4);
	readonly #after = new Float64Array(4);
	readonly #rounds: number;
	readonly #warm: number;
	readonly #clock: Machine["clock"];
	readonly #again: () => boolean;
	#round = 0;
	#sent = 0;
	#missing = 0;
	#startMs = 0;
	#startInstructions = 0;

	constructor(machine: Machine, transport: PeerTransport, again: () => boolean) {
		this.#clock = machine.clock;
		this.#again = again;
		this.#transport = transport;
		this.#bytes = new Uint8Array(number("size", 64)).fill(7);
		this.#into = new Uint8Array(512);
		this.#rounds = number("rounds", 100);
		this.#warm = 20;
		transport.events = this;
		this.#send();
	}
	onReadable(): void {
		for (;;) {
			const count = this.#transport.read(this.#into, 0, this.#into.length);
			if (count === 0) return;
			this.#missing -= count;
			if (this.#missing === 0) this.#next();
		}
	}
	onWritable(): void {
		this.#write();
	}
	onClosed(error: TransportError | null): void {
		say("closed", { error });
		if (error !== null || !this.#again()) exit(error === null ? 0 : 1);
	}
	#next(): void {
		this.#round++;
		if (this.#round === this.#warm) {
			measure(this.#before);
			this.#startMs = this.#clock.nowMs();
			this.#startInstructions = instructions();
		}
		if (this.#round === this.#rounds) return this.#report();
		this.#send();
	}
	#send(): void {
		this.#missing = this.#bytes.length;
		this.#sent = 0;
		this.#write();
	}
	#write(): void {
		this.#sent += this.#transport.write(this.#bytes, this.#sent, this.#bytes.length - this.#sent);
		this.#transport.flush();
	}
	#report(): void {
		measure(this.#after);
		const ms = this.#clock.nowMs() - this.#startMs;
		const grown: number[] = [];
		for (let i = 0; i < 4; i++) grown.push(this.#after[i]! - this.#before[i]!);
		say("done", { rounds: this.#round, grown, ...this.#perRound(ms) });
		this.#transport.close();
	}
	#perRound(ms: number): object {
		const rounds = this.#round - this.#warm;
		return {
			microseconds: Math.round((ms * 1000) / rounds),
			instructions: Math.round((instructions() - this.#startInstructions) / rounds),
		};
	}
}

class Echo implements TransportEvents {
	readonly #transport: PeerTransport;
	readonly #bytes = new Uint8Array(700);
	#held = 0;
	#sent = 0;

	constructor(transport: PeerTransport) {
		this.#transport = transport;
		transport.events = this;
	}
	onReadable(): void {
		for (;;) {
			if (this.#sent === this.#held) {
				this.#sent = 0;
				this.#held = this.#transport.read(this.#bytes, 0, this.#bytes.length);
				if (this.#held === 0) break;
			}
			this.#sent += this.#transport.write(this.#bytes, this.#sent, this.#held - this.#sent);
			if (this.#sent < this.#held) break;
		}
		this.#transport.flush();
	}
	onWritable(): void {
		this.onReadable();
	}
	onClosed(error: TransportError | null): void {
		say("closed", { error });
	}
}

class Program implements DialCompletion, Acceptor {
	readonly #machine: Machine;
	#startMs = 0;
	#dialsLeft = number("dials", 1);

	constructor(machine: Machine) {
		this.#machine = machine;
	}
	/** False when it has dialled as often as it was told to. */
	dialAgain(): boolean {
		if (this.#dialsLeft === 0) return false;
		this.dial();
		return true;
	}
	dial(): void {
		const endpoint: Endpoint = { kind: "tcp", host: configValue("host") ?? "127.0.0.1", port: number("port", 0) };
		const identity = configValue("insecure") === "1" ? null : this.#machine.identity;
		const digest = configValue("digest");
		this.#dialsLeft--;
		this.#startMs = this.#machine.clock.nowMs();
		const expected = digest === undefined ? null : unhex(digest);
		this.#machine.network.dial(endpoint, identity, expected, number("timeout", 5000), this);
	}
	listen(): void {
		const endpoint: Endpoint = { kind: "tcp", host: configValue("host") ?? "127.0.0.1", port: number("port", 0) };
		this.#machine.network.listen(endpoint, this.#machine.identity, this);
	}
	dialled(transport: PeerTransport): void {
		const milliseconds = this.#machine.clock.nowMs() - this.#startMs;
		const { resumed } = transport;
		say("dialled", {
			peer: hex(transport.peerDigest),
			milliseconds,
			resumed,
			ramFree: meter(RAM_FREE),
			heapPeak: meter(HEAP_PEAK),
		});
		new PingPong(this.#machine, transport, () => this.dialAgain());
	}
	listening(endpoint: Endpoint): void {
		say("listening", endpoint);
	}
	accepted(transport: PeerTransport): void {
		say("accepted", { peer: hex(transport.peerDigest), resumed: transport.resumed });
		new Echo(transport);
	}
	rejected(error: TransportError): void {
		say("rejected", { error });
	}
	failed(error: TransportError): void {
		say("failed", { error });
		exit(1);
	}
}

function start(): void {
	let machine: Machine;
	try {
		machine = createMachine();
	} catch (error) {
		say("refused", { reason: (error as Error).message });
		return exit(2);
	}
	say("identity", { digest: hex(machine.identity.digest), ramFree: meter(RAM_FREE), heapPeak: meter(HEAP_PEAK) });
	const program = new Program(machine);
	if (configValue("listen") === "1") program.listen();
	else program.dial();
}

start();
