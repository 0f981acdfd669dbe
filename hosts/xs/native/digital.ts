/**
 * A pin, `embedded:io/digital` of ECMA-419. Levels are numbers: 0 low, 1 high. Reading and writing allocate nothing. A machine without pins throws
 * when one is opened.
 */
export interface DigitalOptions {
	/** The number that the machine gives it. */
	pin: number;
	/** One of the modes below. */
	mode: number;
	/** What calls `onReadable`: `Digital.Rising`, `Digital.Falling`, or both added. Inputs only. */
	edge?: number;
	/** An edge was seen, or several since the last call; `read` tells the level of now. Wants `edge`. */
	onReadable?(this: Digital): void;
}

class Digital extends Native("xs_digital_destructor") {
	static readonly Input = 0;
	static readonly InputPullUp = 1;
	static readonly InputPullDown = 2;
	static readonly InputPullUpDown = 3;
	static readonly Output = 8;
	static readonly OutputOpenDrain = 9;
	static readonly Rising = 1;
	static readonly Falling = 2;

	/** Throws where there is no such pin, it is in use, or the options make no sense. An output begins low. */
	constructor(options: DigitalOptions) {
		super();
		native("xs_digital").call(this, options);
	}
	/** Throws on an output. */
	read(): number {
		return native("xs_digital_read").call(this);
	}
	/** 0 or 1. Throws on an input. */
	write(level: number): void {
		return native("xs_digital_write").call(this, level);
	}
	/** Makes the pin an input without pull-ups. No callback after this; closing twice is no error. */
	close(): void {
		return native("xs_digital_close").call(this);
	}
	get format(): string {
		return native("xs_digital_get_format").call(this);
	}
}
export default Digital;
