/**
 * A serial line, `vatlet/serial`, after ECMA-419's `embedded:io/serial`: `read` and `write` take a range, allocate nothing, and move what there is or what
 * there is room for. The line that the console is on carries its text too, between what two calls of `write` give.
 */
export interface SerialOptions {
	/** What the machine calls the line: `/uart0`, `/dev/ttyS0`. */
	port: string;
	/** Bits per second; 0 leaves the speed as it is. */
	baud?: number;
	/** Bytes have arrived; called again only when more arrive. */
	onReadable?(this: Serial, count: number): void;
	/** Room again after a write had found too little. */
	onWritable?(this: Serial, count: number): void;
	/** The line is gone: unplugged, or hung up. Close it. */
	onError?(this: Serial): void;
}

class Serial extends Native("xs_serial_destructor") {
	constructor(options: SerialOptions) {
		super();
		native("xs_serial").call(this, options);
	}
	/** Copies at most `max` bytes; returns how many. */
	read(buffer: Uint8Array, offset: number, max: number): number {
		return native("xs_serial_read").call(this, buffer, offset, max);
	}
	/** Takes what there is room for and returns how much. */
	write(buffer: Uint8Array, offset: number, length: number): number {
		return native("xs_serial_write").call(this, buffer, offset, length);
	}
	/** Bytes that can be read now. */
	get readable(): number {
		return native("xs_serial_get_readable").call(this);
	}
	/** Bytes that can be written now. */
	get writable(): number {
		return native("xs_serial_get_writable").call(this);
	}
	/** No callback after this; closing twice is no error. */
	close(): void {
		return native("xs_serial_close").call(this);
	}
}
export default Serial;
