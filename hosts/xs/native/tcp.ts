/**
 * A TCP stream, as ECMA-419 has it (`embedded:io/socket/tcp`), with two extensions: `read` and `write` with a range,
 * which allocate nothing, and `onError` with one word of reason.
 */
export interface TCPOptions {
	/** IPv4, as text. */
	address?: string;
	port?: number;
	/** Another stream that hands its connection over, and is closed by that; in place of address and port. */
	from?: TCP;
	nodelay?: boolean;
	/** Another spelling of `nodelay`. */
	noDelay?: boolean;
	/** What `read` gives and `write` takes: `buffer` (without), or bytes one by one. */
	format?: "buffer" | "number";
	/** For the program's own use: the stream's `target`. */
	target?: unknown;
	/** Probes after 60 s of silence. */
	keepAlive?: boolean;
	/** Bytes have arrived; called again only when more arrive. */
	onReadable?(this: TCP, count: number): void;
	/** Connected, or room again after writes had filled the output buffer. */
	onWritable?(this: TCP, count: number): void;
	/** The stream has ended: closed, reset, refused, timeout or failed. Everything readable was offered before. */
	onError?(this: TCP, reason: string): void;
}

class TCP extends Native("xs_tcp_destructor") {
	declare target?: unknown;

	constructor(options: TCPOptions | number) {
		super();
		native("xs_tcp").call(this, options);
	}
	/**
	 * With a count, or nothing: a new ArrayBuffer of at most so many bytes. With a buffer: fills it, and throws if it is
	 * larger than what can be read. With a range: copies at most `max` bytes and returns how many; allocates nothing.
	 * Undefined (0 with a range) if there is nothing.
	 */
	read(buffer: Uint8Array | ArrayBuffer, offset: number, max: number): number;
	read(buffer: Uint8Array | ArrayBuffer): number | undefined;
	read(count?: number): ArrayBuffer | number | undefined;
	read(buffer?: unknown, offset?: number, max?: number): any {
		return native("xs_tcp_read").call(this, buffer, offset, max);
	}
	/** All of a buffer, or throws if there is no room. With a range: takes what there is room for and returns how much. */
	write(buffer: Uint8Array | ArrayBuffer, offset: number, length: number): number;
	write(data: Uint8Array | ArrayBuffer | number): void;
	write(data: unknown, offset?: number, length?: number): any {
		return native("xs_tcp_write").call(this, data, offset, length);
	}
	/** Bytes that can be read now. */
	get readable(): number {
		return native("xs_tcp_get_readable").call(this);
	}
	/** Bytes that can be written now. */
	get writable(): number {
		return native("xs_tcp_get_writable").call(this);
	}
	/** What was written still goes out. No callback after this; closing twice is no error. */
	close(): void {
		return native("xs_tcp_close").call(this);
	}
	/** Ends at once, with a reset. */
	abort(): void {
		return native("xs_tcp_abort").call(this);
	}
	get format(): "buffer" | "number" {
		return native("xs_tcp_get_format").call(this);
	}
	set format(format: "buffer" | "number") {
		native("xs_tcp_set_format").call(this, format);
	}
	get remoteAddress(): string | undefined {
		return native("xs_tcp_get_remoteAddress").call(this);
	}
	get remotePort(): number | undefined {
		return native("xs_tcp_get_remotePort").call(this);
	}
}
export default TCP;
