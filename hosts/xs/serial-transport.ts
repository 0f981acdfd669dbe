import Serial from "vatlet/serial";
import Timer from "timer";
import { fillEntropy } from "vatlet/system";
import { SerialLine, type SerialSessions } from "../../src/net/serial-line.js";
import type { Transport, TransportError, TransportEvents } from "../../src/ports/transport.js";
import { XsClock } from "./clock.js";

/** The bytes of a serial line as a Transport: neither reliable nor ever at its end. */
export class SerialTransport implements Transport {
	#serial: Serial | null;
	#events: TransportEvents | null = null;

	/** Throws where there is no such line, or it is in use. */
	constructor(port: string, baud: number) {
		this.#serial = new Serial({
			port,
			baud,
			onReadable: () => this.#events?.onReadable(),
			onWritable: () => this.#events?.onWritable(),
			onError: () => this.#lose(port),
		});
	}

	get events(): TransportEvents | null {
		return this.#events;
	}
	set events(events: TransportEvents | null) {
		this.#events = events;
		if (events !== null && this.readable() > 0) Timer.set(() => this.#events?.onReadable(), 0);
	}

	readable(): number {
		return this.#serial === null ? 0 : this.#serial.readable;
	}
	read(into: Uint8Array, offset: number, max: number): number {
		return this.#serial === null ? 0 : this.#serial.read(into, offset, max);
	}
	writable(): number {
		return this.#serial === null ? 0 : this.#serial.writable;
	}
	write(from: Uint8Array, offset: number, length: number): number {
		return this.#serial === null ? 0 : this.#serial.write(from, offset, length);
	}
	/** The host sends at once what it takes. */
	flush(): void {}
	close(): void {
		if (this.#serial === null) return;
		this.#serial.close();
		this.#serial = null;
	}
	abort(): void {
		this.close();
	}

	#lose(port: string): void {
		const events = this.#events;
		this.close();
		if (events !== null) events.onClosed({ kind: "reset", message: `the serial line ${port} is gone` });
	}
}

/** What a dial that did not find its line is told. */
export function serialError(port: string, error: Error): TransportError {
	const message = error.message.endsWith("absent")
		? `this machine has no serial line ${port}`
		: error.message.endsWith("full")
			? `the serial line ${port} is in use`
			: error.message.endsWith("invalid")
				? `${port} is no serial line`
				: error.message;
	return { kind: "unreachable", message };
}

/** Opens the line `port` and the serial link on it; then dial or listen on it, with a `serialNonce`. Throws as SerialTransport does. */
export function openSerialLine(port: string, baud: number, sessions: SerialSessions): SerialLine {
	return new SerialLine(new SerialTransport(port, baud), port, new XsClock(), sessions, null);
}

export function serialNonce(): number {
	const bytes = new Uint8Array(4);
	fillEntropy(bytes);
	return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
}
