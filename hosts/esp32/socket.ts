import TCP from "embedded:io/socket/tcp";
import { copyBytes } from "../../src/base/bytes.js";

/** What the SDK's own class has, in its words. Its `read` throws for a buffer larger than what has arrived, its `write` for one larger than the room. */
interface SdkStream {
	read(buffer: Uint8Array): unknown;
	/** What there is room for afterwards. */
	write(buffer: Uint8Array): number | undefined;
	close(): void;
	readonly remoteAddress: string;
	readonly remotePort: number;
}

export interface SocketOptions {
	/** IPv4, as text. */
	address?: string;
	port?: number;
	/** A stream of the SDK's whose connection is taken over, in place of address and port. */
	from?: unknown;
	noDelay?: boolean;
	/** Not to be had through the SDK: a silent peer is found out by whoever waits for its answer. */
	keepAlive?: boolean;
	onReadable?(count: number): void;
	onWritable?(count: number): void;
	onError?(reason: string): void;
}

/** Largest step of one read or write; a power of two. */
const STEP_BYTES = 1024;
const STEPS = 11;

/**
 * The SDK's TCP stream with reads and writes of part of a buffer. A view of just the right length would have to be made for each of
 * its reads; instead there is a view of each power of two, and a read takes what has arrived in such steps. Nothing is
 * allocated after opening.
 */
export default class Socket {
	/** Bytes that can be read, or written, now. */
	readable = 0;
	writable = 0;
	readonly #stream: SdkStream;
	readonly #steps: Uint8Array[] = [];
	#connected: boolean;
	#closed = false;

	constructor(options: SocketOptions) {
		const bytes = new Uint8Array(STEP_BYTES);
		for (let i = 0; i < STEPS; i++) this.#steps.push(bytes.subarray(0, 1 << i));
		const { address, port, from } = options;
		this.#connected = from !== undefined;
		const callbacks = {
			// The SDK spells it so.
			nodelay: options.noDelay === true,
			onReadable: (count: number) => {
				this.readable = count;
				if (options.onReadable !== undefined) options.onReadable(count);
			},
			onWritable: (count: number) => {
				this.#connected = true;
				this.writable = count;
				if (options.onWritable !== undefined) options.onWritable(count);
			},
			// It comes once all that arrived has been read, and gives no reason.
			onError: () => {
				this.writable = 0;
				if (options.onError !== undefined) options.onError(this.#connected ? "closed" : "refused");
			},
		};
		const Stream = TCP as unknown as new (options: object) => SdkStream;
		this.#stream = new Stream(from === undefined ? { address, port, ...callbacks } : { from, ...callbacks });
	}

	get remoteAddress(): string {
		return this.#stream.remoteAddress;
	}
	get remotePort(): number {
		return this.#stream.remotePort;
	}

	/** Copies at most `max` bytes; returns how many. */
	read(into: Uint8Array, offset: number, max: number): number {
		let left = max < this.readable ? max : this.readable;
		const taken = left;
		while (left > 0) {
			const step = this.#step(left);
			this.#stream.read(step);
			// Before the next read, whose end of the stream may be reported from inside.
			this.readable -= step.length;
			into.set(step, offset);
			offset += step.length;
			left -= step.length;
		}
		return taken;
	}
	/** Takes what there is room for; returns how much. */
	write(from: Uint8Array, offset: number, length: number): number {
		let left = length < this.writable ? length : this.writable;
		const taken = left;
		while (left > 0) {
			const step = this.#step(left);
			copyBytes(from, offset, step, 0, step.length);
			const room = this.#stream.write(step);
			this.writable = room === undefined ? this.writable - step.length : room;
			offset += step.length;
			left -= step.length;
		}
		return taken;
	}
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.readable = this.writable = 0;
		this.#stream.close();
	}
	/** The SDK cannot reset a connection. */
	abort(): void {
		this.close();
	}

	/** The longest view that fits. */
	#step(left: number): Uint8Array {
		let i = STEPS - 1;
		while (1 << i > left) i--;
		return this.#steps[i]!;
	}
}
