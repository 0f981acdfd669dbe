/** Datagrams, as ECMA-419 has them (`embedded:io/socket/udp`), with the local `port` besides. */
export interface UDPOptions {
	/** The local port; any that is free without. */
	port?: number;
	format?: "buffer";
	/** For the program's own use: the socket's `target`. */
	target?: unknown;
	/** Datagrams have come; `count` of them can be read. Called again only when more come. */
	onReadable?(this: UDP, count: number): void;
}

/** A datagram, and who sent it. */
export interface Datagram extends ArrayBuffer {
	address: string;
	port: number;
}

class UDP extends Native("xs_udp_destructor") {
	declare target?: unknown;

	constructor(options: UDPOptions) {
		super();
		native("xs_udp").call(this, options);
	}
	/**
	 * The next datagram that has come, undefined if there is none. With a buffer: copied into it, for the number of bytes; throws a RangeError if
	 * it is too small, and the datagram stays.
	 */
	read(): Datagram | undefined;
	read(buffer: ArrayBuffer | Uint8Array): number | undefined;
	read(buffer?: unknown): any {
		return native("xs_udp_read").call(this, buffer);
	}
	/** Sends up to 1,472 bytes to an IPv4 address. Whether they arrive nobody says. */
	write(address: string, port: number, buffer: ArrayBuffer | Uint8Array): void;
	/** In the order of the SDK's newer sockets. */
	write(buffer: ArrayBuffer | Uint8Array, address: string, port: number): void;
	write(first: unknown, second: unknown, third: unknown): void {
		return native("xs_udp_write").call(this, first, second, third);
	}
	get port(): number {
		return native("xs_udp_get_port").call(this);
	}
	get format(): "buffer" {
		return native("xs_udp_get_format").call(this);
	}
	set format(format: "buffer") {
		native("xs_udp_set_format").call(this, format);
	}
	close(): void {
		return native("xs_udp_close").call(this);
	}
}
export default UDP;
