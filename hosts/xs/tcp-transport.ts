import type TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import Socket from "vatlet/socket";
import type { PeerTransport } from "../../src/ports/network.js";
import type { TransportError, TransportErrorKind, TransportEvents } from "../../src/ports/transport.js";

/** What the socket's word for its end means here; null is an orderly end. */
export function socketError(reason: string, peerName: string): TransportError | null {
	if (reason === "closed") return null;
	let kind: TransportErrorKind = "failed";
	let message = `${peerName}: the network failed (${reason})`;
	if (reason === "refused") {
		kind = "refused";
		message = `nobody listens at ${peerName}: is the other vat running, and the port right?`;
	} else if (reason === "timeout") {
		kind = "timeout";
		message = `${peerName} did not answer in time: wrong address, or the network is down`;
	} else if (reason === "reset") {
		kind = "reset";
		message = `${peerName} or the network between tore the connection down`;
	}
	return { kind, message };
}

/** Where an address is dialled, or the socket that a listener handed over. */
export type TcpSource = { address: string; port: number } | { from: TCP };

/**
 * A TCP stream over ECMA-419. Opening and ending allocate; carrying bytes does not. The callbacks of the socket come from the event
 * loop, never from inside a call, so they are passed on at once.
 */
export class TcpTransport implements PeerTransport {
	readonly peerDigest = null;
	readonly peerName: string;
	#socket: Socket | null;
	#events: TransportEvents | null = null;
	/** A write found no room. */
	#starved = false;
	#connected: boolean;
	#ended = false;
	#error: TransportError | null = null;

	constructor(source: TcpSource, peerName?: string) {
		this.#connected = "from" in source;
		this.#socket = new Socket({
			...source,
			nodelay: true,
			noDelay: true,
			keepAlive: true,
			onReadable: () => this.bytesCame(),
			onWritable: () => this.roomCame(),
			onError: (reason) => this.socketEnded(reason),
		});
		this.peerName = peerName ?? `${this.#socket.remoteAddress}:${this.#socket.remotePort}`;
	}

	get events(): TransportEvents | null {
		return this.#events;
	}
	set events(events: TransportEvents | null) {
		const first = this.#events === null && events !== null;
		this.#events = events;
		if (first && (this.#ended || this.readable() > 0)) Timer.set(() => this.catchUp(), 0);
	}

	readable(): number {
		return this.#socket === null ? 0 : this.#socket.readable;
	}
	read(into: Uint8Array, offset: number, max: number): number {
		return this.#socket === null ? 0 : this.#socket.read(into, offset, max);
	}
	writable(): number {
		if (this.#socket === null || this.#ended || !this.#connected) return this.starve(0);
		return this.starve(this.#socket.writable);
	}
	write(from: Uint8Array, offset: number, length: number): number {
		if (this.#socket === null || this.#ended || !this.#connected) return this.starve(0);
		const taken = this.#socket.write(from, offset, length);
		if (taken < length) this.#starved = true;
		return taken;
	}
	/** The host sends at once what it takes. */
	flush(): void {}

	close(): void {
		if (this.#socket === null) return;
		this.#socket.close();
		this.leave();
	}
	abort(): void {
		if (this.#socket === null) return;
		this.#socket.abort();
		this.leave();
	}

	private starve(room: number): number {
		if (room === 0) this.#starved = true;
		return room;
	}
	private bytesCame(): void {
		// A peer that talks and ends at once: room for writing is then never announced.
		if (!this.#connected) this.roomCame();
		this.#events?.onReadable();
	}
	private roomCame(): void {
		this.#connected = true;
		if (!this.#starved) return;
		this.#starved = false;
		this.#events?.onWritable();
	}
	private socketEnded(reason: string): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#error = socketError(reason, this.peerName);
		this.#events?.onClosed(this.#error);
	}
	private leave(): void {
		this.#socket = null;
		if (this.#ended) return;
		this.#ended = true;
		Timer.set(() => this.#events?.onClosed(null), 0);
	}
	/** What happened before anybody listened. */
	private catchUp(): void {
		if (this.readable() > 0) this.#events?.onReadable();
		if (this.#ended) this.#events?.onClosed(this.#error);
	}
}
