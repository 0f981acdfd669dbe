import Stream from "../../../hosts/xs/native/tcp.js";

interface SdkOptions {
	address?: string;
	port?: number;
	from?: TCP;
	nodelay?: boolean;
	onReadable?(count: number): void;
	onWritable?(count: number): void;
	onError?(): void;
}

/**
 * Our own socket with no more than the Moddable SDK's has, and as strict: no reads or writes of part of a buffer, an exception for a
 * buffer larger than what has arrived or than the room, no reason for an end, which is told once all that arrived has been read.
 */
export default class TCP {
	#stream: Stream;
	#ended = false;
	#told = false;
	/** As last told: it shrinks by nothing but writes. */
	#room = 0;
	readonly #options: SdkOptions;

	constructor(options: SdkOptions | number) {
		if (typeof options === "number") {
			this.#options = {};
			this.#stream = new Stream(options);
			return;
		}
		this.#options = options;
		const source =
			options.from === undefined ? { address: options.address!, port: options.port! } : { from: options.from.#stream };
		this.#stream = new Stream({
			...source,
			noDelay: options.nodelay === true,
			onReadable: (count) => options.onReadable?.(count),
			onWritable: (count) => {
				this.#room = count;
				options.onWritable?.(count);
			},
			onError: () => {
				this.#ended = true;
				this.#tell();
			},
		});
	}

	read(buffer: Uint8Array): number {
		const length = buffer.length;
		if (length === 0 || length > this.#stream.readable) throw new Error("invalid");
		this.#stream.read(buffer);
		this.#tell();
		return length;
	}
	write(buffer: Uint8Array): number | undefined {
		if (this.#ended) return undefined;
		if (buffer.length > this.#room) throw new Error("would block");
		// An end that is known but not yet told takes the room away. The SDK ignores what is written then.
		if (buffer.length > this.#stream.writable) return undefined;
		this.#stream.write(buffer);
		return (this.#room = this.#stream.writable);
	}
	close(): void {
		this.#stream.close();
	}
	get remoteAddress(): string | undefined {
		return this.#stream.remoteAddress;
	}
	get remotePort(): number | undefined {
		return this.#stream.remotePort;
	}

	#tell(): void {
		if (!this.#ended || this.#told || this.#stream.readable > 0) return;
		this.#told = true;
		this.#options.onError?.();
	}
}
