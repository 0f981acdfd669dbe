import Timer from "timer";
import { nowMs } from "vatlet/system";
import type {
	Acceptor,
	DialCompletion,
	Dialing,
	Endpoint,
	Listener,
	Network,
	PeerTransport,
	TcpEndpoint,
} from "../../src/ports/network.js";
import type { Identity } from "../../src/ports/secure.js";
import type { TransportError, TransportEvents } from "../../src/ports/transport.js";
import type { SerialLine } from "../../src/net/serial-line.js";
import { XsIdentity } from "./secure.js";
import { openSerialLine, serialError, serialNonce } from "./serial-transport.js";
import type { IpListening, IpStreams } from "./ip-streams.js";
import { TlsTransport, type TlsCompletion } from "./tls-transport.js";

/**
 * For one who dials us: how long it may take to shake hands, and how many may be at it; each holds some 20 KB meanwhile. Whoever takes longer than
 * it should has to give way to the next who comes: else two that send nothing would keep all others out.
 */
const ACCEPT_TIMEOUT_MS = 10_000;
const HANDSHAKES_MAX = 2;
const GIVE_WAY_MS = 2000;

/** How often a serial line that went is looked for. */
const REOPEN_MS = 500;

const SCRATCH_BYTES = 1536;

/** Streams to other vats, with TLS unless an address is insecure: over serial lines, and over TCP where there is `ip`. */
export class XsNetwork implements Network {
	readonly #ip: IpStreams | null;
	/** Used within one call at a time, so that one serves all streams. */
	readonly #scratch = new Uint8Array(SCRATCH_BYTES);

	constructor(ip: IpStreams | null) {
		this.#ip = ip;
	}

	dial(
		endpoint: Endpoint,
		identity: Identity | null,
		expectedDigest: Uint8Array | null,
		timeoutMs: number,
		completion: DialCompletion,
	): Dialing {
		const dial = new Dial(identity as XsIdentity | null, expectedDigest, timeoutMs, completion, this.#scratch);
		dial.start(endpoint, this.#ip);
		return dial;
	}

	listen(endpoint: Endpoint, identity: Identity | null, acceptor: Acceptor): Listener {
		const listener = new XsListener(identity as XsIdentity | null, acceptor, this.#scratch);
		listener.start(endpoint, this.#ip);
		return listener;
	}
}

const NO_IP = "this machine has no network; give a capnp+serial:// address";

const cancelled: TransportError = Object.freeze({ kind: "cancelled", message: "given up by this side" });

/** One attempt: connecting, then shaking hands, all under one deadline. */
class Dial implements Dialing, TransportEvents, TlsCompletion {
	#completion: DialCompletion | null;
	#stream: PeerTransport | null = null;
	#line: SerialLine | null = null;
	#session: TlsTransport | null = null;
	readonly #identity: XsIdentity | null;
	readonly #expectedDigest: Uint8Array | null;
	readonly #timeoutMs: number;
	readonly #deadlineMs: number;
	readonly #scratch: Uint8Array;
	#timer: Timer | undefined;

	constructor(
		identity: XsIdentity | null,
		expectedDigest: Uint8Array | null,
		timeoutMs: number,
		completion: DialCompletion,
		scratch: Uint8Array,
	) {
		this.#completion = completion;
		this.#identity = identity;
		this.#expectedDigest = expectedDigest;
		this.#timeoutMs = timeoutMs;
		this.#deadlineMs = nowMs() + timeoutMs;
		this.#scratch = scratch;
	}

	start(endpoint: Endpoint, ip: IpStreams | null): void {
		if (endpoint.kind === "unix") return this.failsLater("unreachable", "Unix sockets exist on Node only");
		if (endpoint.kind === "serial") return this.startSerial(endpoint.path);
		const name = `${endpoint.host}:${endpoint.port}`;
		if (this.#identity === null && this.#expectedDigest !== null)
			return this.failsLater("failed", `${name}: TLS needs an identity`);
		if (ip === null) return this.failsLater("unreachable", `${name}: ${NO_IP}`);
		this.startIp(ip, endpoint, name);
	}

	private startIp(ip: IpStreams, endpoint: TcpEndpoint, name: string): void {
		this.#timer = Timer.set(() => this.fails(ip.timeout(name)), this.#timeoutMs);
		const failed = (reason: string): void => this.failsLater("unreachable", `${name}: ${reason}`);
		try {
			ip.find(endpoint.host, (address) => this.connect(ip, address, endpoint.port, name), failed);
		} catch (error) {
			failed((error as Error).message);
		}
	}

	private connect(ip: IpStreams, address: string, port: number, name: string): void {
		// Given up while the name was resolved.
		if (this.#completion === null) return;
		try {
			this.#stream = ip.connect(address, port, name);
		} catch (error) {
			return this.failsLater("failed", `${name}: ${(error as Error).message}`);
		}
		this.#stream.events = this;
		// Asking once makes the stream tell when it is connected.
		if (this.#stream.writable() > 0) this.onWritable();
	}

	private startSerial(port: string): void {
		const message = `nobody answers on ${port} within ${this.#timeoutMs} ms: is the cable plugged in, and does a vat listen on its other end?`;
		try {
			this.#line = openSerialLine(port, 0, {
				opened: (stream) => this.linked(stream),
				refused: (error) => this.fails(error),
				lost: (error) => this.onClosed(error),
			});
			this.#line.dial(serialNonce());
		} catch (error) {
			const { kind, message: why } = serialError(port, error as Error);
			return this.failsLater(kind, why);
		}
		this.#timer = Timer.set(() => this.fails({ kind: "timeout", message }), this.#timeoutMs);
	}

	cancel(): void {
		if (this.#completion !== null) Timer.set(() => this.fails(cancelled), 0);
	}

	onReadable(): void {}
	/** The serial link has a session. */
	private linked(stream: PeerTransport): void {
		this.#stream = stream;
		stream.events = this;
		this.onWritable();
	}
	/** Connected. */
	onWritable(): void {
		const stream = this.#stream;
		if (stream === null || this.#session !== null || this.#completion === null) return;
		if (this.#identity === null) return this.opened(stream);
		Timer.clear(this.#timer);
		this.#timer = undefined;
		const options = {
			identity: this.#identity,
			server: false,
			expectedDigest: this.#expectedDigest,
			timeoutMs: Math.max(1, Math.ceil(this.#deadlineMs - nowMs())),
			peerName: stream.peerName,
			scratch: this.#scratch,
		};
		try {
			this.#session = new TlsTransport(stream, options, this);
		} catch (error) {
			this.fails({ kind: "failed", message: `${stream.peerName}: ${(error as Error).message}` });
		}
	}
	onClosed(error: TransportError | null): void {
		const name = this.#stream?.peerName ?? "the peer";
		this.fails(error ?? { kind: "reset", message: `${name} closed the connection at once` });
	}

	opened(transport: PeerTransport): void {
		const completion = this.take();
		if (completion === null) return transport.abort();
		transport.events = null;
		completion.dialled(transport);
	}
	failed(error: TransportError): void {
		this.#stream = null;
		this.fails(error);
	}

	private take(): DialCompletion | null {
		const completion = this.#completion;
		this.#completion = null;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		return completion;
	}
	private fails(error: TransportError): void {
		const completion = this.take();
		if (completion === null) return;
		const stream = this.#session ?? this.#stream;
		if (stream !== null && this.#stream !== null) stream.abort();
		if (this.#line !== null) this.#line.close();
		completion.failed(error);
	}
	private failsLater(kind: TransportError["kind"], message: string): void {
		Timer.set(() => this.fails({ kind, message }), 0);
	}
}

class XsListener implements Listener {
	#socket: IpListening | null = null;
	#line: SerialLine | null = null;
	#reopening: Timer | undefined;
	readonly #identity: XsIdentity | null;
	readonly #acceptor: Acceptor;
	readonly #scratch: Uint8Array;
	/** Clients that have not proved who they are, the first that came first; bounded, or strangers could take all memory. */
	readonly #handshakes: Handshake[] = [];

	constructor(identity: XsIdentity | null, acceptor: Acceptor, scratch: Uint8Array) {
		this.#identity = identity;
		this.#acceptor = acceptor;
		this.#scratch = scratch;
	}

	start(endpoint: Endpoint, ip: IpStreams | null): void {
		if (endpoint.kind === "unix") this.failsLater("unreachable", "Unix sockets exist on Node only");
		else if (endpoint.kind === "serial") this.startLine(endpoint.path);
		else if (ip === null)
			this.failsLater("unreachable", `cannot listen on ${endpoint.host}:${endpoint.port}: ${NO_IP}`);
		else this.open(ip, endpoint.host, endpoint.port);
	}

	close(): void {
		this.#socket?.close();
		this.#socket = null;
		this.#line?.close();
		this.#line = null;
		Timer.clear(this.#reopening);
	}

	/** One peer after another: a line has room for one. */
	private startLine(path: string): void {
		const acceptor = this.#acceptor;
		try {
			this.openLine(path);
			Timer.set(() => acceptor.listening({ kind: "serial", path }), 0);
		} catch (error) {
			Timer.set(() => acceptor.failed(serialError(path, error as Error)), 0);
		}
	}
	/** Throws where there is no such line, or it is in use. */
	private openLine(path: string): void {
		this.#line = openSerialLine(path, 0, {
			opened: (stream) => this.secure(stream),
			refused: () => {},
			lost: () => this.lineLost(path),
		});
		this.#line.listen(serialNonce());
	}
	/** Unplugged, or hung up: it may come back. */
	private lineLost(path: string): void {
		this.#line = null;
		const message = `the serial line ${path} is gone; it is opened again when it is back`;
		this.#reopening = Timer.repeat(() => this.reopenLine(path), REOPEN_MS);
		this.#acceptor.rejected({ kind: "reset", message });
	}
	private reopenLine(path: string): void {
		try {
			this.openLine(path);
		} catch {
			return;
		}
		Timer.clear(this.#reopening);
		this.#reopening = undefined;
	}
	private open(ip: IpStreams, host: string, port: number): void {
		const acceptor = this.#acceptor;
		try {
			const socket = ip.listen(
				host,
				port,
				(stream) => this.secure(stream),
				(reason) => acceptor.failed({ kind: "failed", message: `listening on ${host}:${port} ended: ${reason}` }),
			);
			this.#socket = socket;
			Timer.set(() => acceptor.listening({ kind: "tcp", host, port: socket.port }), 0);
		} catch (error) {
			this.failsLater("failed", `cannot listen on ${host}:${port}: ${(error as Error).message}`);
		}
	}
	private failsLater(kind: TransportError["kind"], message: string): void {
		Timer.set(() => this.#acceptor.failed({ kind, message }), 0);
	}
	private secure(stream: PeerTransport): void {
		if (this.#identity === null) return this.#acceptor.accepted(stream);
		if (this.#handshakes.length >= HANDSHAKES_MAX && !this.makeRoom()) {
			stream.abort();
			const message = `${stream.peerName} was turned away: ${HANDSHAKES_MAX} clients are shaking hands already`;
			return this.#acceptor.rejected({ kind: "failed", message });
		}
		const options = {
			identity: this.#identity,
			server: true,
			expectedDigest: null,
			timeoutMs: ACCEPT_TIMEOUT_MS,
			peerName: stream.peerName,
			scratch: this.#scratch,
		};
		const handshake = new Handshake(this.#handshakes, this.#acceptor);
		try {
			handshake.transport = new TlsTransport(stream, options, handshake);
		} catch (error) {
			handshake.leave();
			stream.abort();
			this.#acceptor.rejected({ kind: "failed", message: `${stream.peerName}: ${(error as Error).message}` });
		}
	}
	/** True if somebody who has been at it for long was turned away. */
	private makeRoom(): boolean {
		const first = this.#handshakes[0]!;
		if (nowMs() - first.startMs < GIVE_WAY_MS) return false;
		const transport = first.transport!;
		first.leave();
		transport.abort();
		const message = `${transport.peerName} was turned away: it has not shaken hands within ${GIVE_WAY_MS} ms, and another client came`;
		this.#acceptor.rejected({ kind: "timeout", message });
		return true;
	}
}

/** One of a listener's, in its list until it is over. */
class Handshake implements TlsCompletion {
	transport: TlsTransport | null = null;
	readonly startMs = nowMs();
	readonly #list: Handshake[];
	readonly #acceptor: Acceptor;

	constructor(list: Handshake[], acceptor: Acceptor) {
		this.#list = list;
		this.#acceptor = acceptor;
		list.push(this);
	}

	leave(): void {
		this.#list.splice(this.#list.indexOf(this), 1);
	}
	opened(transport: TlsTransport): void {
		this.leave();
		this.#acceptor.accepted(transport);
	}
	failed(error: TransportError): void {
		this.leave();
		this.#acceptor.rejected(error);
	}
}
