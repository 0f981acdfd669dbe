// src/net/serial-link.ts in C, call for call. Its documentation is there.

export const FRAME_BYTES_MAX = 256;
export const LINK_IDLE = 0;
export const LINK_OPENING = 1;
export const LINK_OPEN = 2;
export const LINK_CLOSED = 3;
export const LINK_OK = 0;
export const LINK_RESET = 1;
export const LINK_TIMEOUT = 2;
export const LINK_REFUSED = 3;

export interface SerialText {
	textByte(byte: number): void;
}

export class SerialLink extends Native("xs_serial_link_destructor") {
	/** Text that comes to a device is dropped. */
	constructor(text: SerialText | null) {
		super();
		native("xs_serial_link").call(this, text);
	}
	get state(): number {
		return native("xs_serial_link_get_state").call(this);
	}
	get epoch(): number {
		return native("xs_serial_link_get_epoch").call(this);
	}
	get error(): number {
		return native("xs_serial_link_get_error").call(this);
	}
	get session(): number {
		return native("xs_serial_link_get_session").call(this);
	}
	get peerEnded(): boolean {
		return native("xs_serial_link_get_peerEnded").call(this);
	}
	get framesDamaged(): number {
		return native("xs_serial_link_get_framesDamaged").call(this);
	}
	get framesRepeated(): number {
		return native("xs_serial_link_get_framesRepeated").call(this);
	}
	dial(nonce: number, nowMs: number): void {
		return native("xs_serial_link_dial").call(this, nonce, nowMs);
	}
	listen(seed: number): void {
		return native("xs_serial_link_listen").call(this, seed);
	}
	deafen(): void {
		return native("xs_serial_link_deafen").call(this);
	}
	readable(): number {
		return native("xs_serial_link_readable").call(this);
	}
	read(into: Uint8Array, offset: number, max: number): number {
		return native("xs_serial_link_read").call(this, into, offset, max);
	}
	writable(): number {
		return native("xs_serial_link_writable").call(this);
	}
	write(from: Uint8Array, offset: number, length: number): number {
		return native("xs_serial_link_write").call(this, from, offset, length);
	}
	end(): boolean {
		return native("xs_serial_link_end").call(this);
	}
	abort(): void {
		return native("xs_serial_link_abort").call(this);
	}
	receive(from: Uint8Array, offset: number, length: number, nowMs: number): void {
		return native("xs_serial_link_receive").call(this, from, offset, length, nowMs);
	}
	dueMs(nowMs: number): number {
		return native("xs_serial_link_dueMs").call(this, nowMs);
	}
	transmit(into: Uint8Array, offset: number, nowMs: number): number {
		return native("xs_serial_link_transmit").call(this, into, offset, nowMs);
	}
}
