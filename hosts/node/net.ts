import { existsSync, lstatSync, rmSync } from "node:fs";
import { connect as connectPlain, createServer, type AddressInfo, type Server, Socket } from "node:net";
import { dirname } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type {
	Acceptor,
	DialCompletion,
	Dialing,
	Endpoint,
	Listener,
	Network,
	TcpEndpoint,
	UnixEndpoint,
} from "../../src/ports/network.js";
import type { Identity } from "../../src/ports/secure.js";
import type { TransportError } from "../../src/ports/transport.js";
import type { NodeIdentity } from "./identity.js";
import { dialSerial, listenSerial, type SerialOptions } from "./serial.js";
import { SocketTransport } from "./socket-transport.js";
import { handshakeFault, nameOf, RECORD_BYTES_MAX, serverFault, tlsOptions } from "./tls.js";
import { secureServer } from "./tls-server.js";
import { serverDigestOf, type SessionPlace, TlsSessions } from "./tls-sessions.js";

export interface NodeNetworkOptions extends SerialOptions {
	/** How long a client may take for its handshake (default 10,000). */
	handshakeTimeoutMs?: number;
}

/** TCP, Unix sockets and serial lines, with TLS by pinned keys or without. */
export class NodeNetwork implements Network {
	readonly #handshakeTimeoutMs: number;
	readonly #serial: SerialOptions;
	readonly #sessions = new TlsSessions();

	constructor(options: NodeNetworkOptions = {}) {
		this.#serial = options;
		this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? 10_000;
	}

	dial(
		endpoint: Endpoint,
		identity: Identity | null,
		expectedDigest: Uint8Array | null,
		timeoutMs: number,
		completion: DialCompletion,
	): Dialing {
		if (endpoint.kind === "serial") {
			const own = identity as NodeIdentity | null;
			return dialSerial(endpoint.path, own, expectedDigest, timeoutMs, completion, this.#sessions, this.#serial);
		}
		const dial = new SocketDial(endpoint, expectedDigest, completion, this.#sessions);
		dial.start(identity as NodeIdentity | null, timeoutMs);
		return dial;
	}

	listen(endpoint: Endpoint, identity: Identity | null, acceptor: Acceptor): Listener {
		if (endpoint.kind === "serial") {
			const own = identity as NodeIdentity | null;
			return listenSerial(endpoint.path, own, this.#handshakeTimeoutMs, acceptor, this.#serial);
		}
		const listener = new SocketListener(endpoint, acceptor);
		listener.start(identity as NodeIdentity | null, this.#handshakeTimeoutMs);
		return listener;
	}
}

type SocketEndpoint = TcpEndpoint | UnixEndpoint;

/** What a socket's address has room for; Node cuts a longer path off without a word. */
const SOCKET_PATH_BYTES_MAX = 107;

function pathFault(endpoint: SocketEndpoint): string | null {
	if (endpoint.kind !== "unix" || Buffer.byteLength(endpoint.path) <= SOCKET_PATH_BYTES_MAX) return null;
	return `the path of a socket has at most ${SOCKET_PATH_BYTES_MAX} bytes, not ${Buffer.byteLength(endpoint.path)}: ${endpoint.path}`;
}

/** One attempt. Life: connecting → (TLS) shaking hands → told, once. */
class SocketDial implements Dialing {
	readonly #endpoint: SocketEndpoint;
	readonly #expected: Uint8Array | null;
	readonly #completion: DialCompletion;
	readonly #name: string;
	readonly #sessions: TlsSessions;
	#session: SessionPlace | null = null;
	#socket = new Socket();
	#timer: NodeJS.Timeout | undefined;
	#connected = false;
	#told = false;

	constructor(
		endpoint: SocketEndpoint,
		expected: Uint8Array | null,
		completion: DialCompletion,
		sessions: TlsSessions,
	) {
		this.#sessions = sessions;
		this.#endpoint = endpoint;
		this.#expected = expected;
		this.#completion = completion;
		this.#name = endpointName(endpoint);
	}

	start(identity: NodeIdentity | null, timeoutMs: number): void {
		const message = pathFault(this.#endpoint);
		if (message !== null) return void setImmediate(() => this.#fail({ kind: "unreachable", message }));
		const place =
			this.#endpoint.kind === "unix"
				? { path: this.#endpoint.path }
				: { host: this.#endpoint.host, port: this.#endpoint.port };
		this.#timer = setTimeout(() => this.#fail(this.#timeoutError(identity !== null, timeoutMs)), timeoutMs);
		if (identity === null) {
			this.#socket = connectPlain(place);
			this.#socket.once("connect", () => this.#succeed(null));
		} else {
			// Where any key is accepted nobody was verified, so there is nothing to go on from.
			if (this.#expected !== null) this.#session = this.#sessions.placeOf(identity.digest, this.#name, this.#expected);
			const session = this.#session?.get();
			const socket = connectTls({ ...tlsOptions(identity), ...place, servername: "", session });
			this.#socket = socket;
			socket.once("connect", () => (this.#connected = true));
			socket.once("secureConnect", () => this.#authenticate(socket));
		}
		this.#socket.once("error", (error: NodeJS.ErrnoException) =>
			this.#fail(handshakeFault(error, this.#name, "server")),
		);
		this.#socket.once("close", () =>
			this.#fail(handshakeFault({ code: "ECONNRESET" } as NodeJS.ErrnoException, this.#name, "server")),
		);
	}

	cancel(): void {
		if (this.#told) return;
		setImmediate(() => this.#fail({ kind: "cancelled", message: `dialling ${this.#name} was given up` }));
	}

	#authenticate(socket: TLSSocket): void {
		const seen = serverDigestOf(socket, this.#expected);
		const fault = serverFault(this.#name, this.#expected, seen);
		if (fault !== null) return this.#fail(fault);
		socket.setMaxSendFragment(RECORD_BYTES_MAX);
		this.#session?.keepFrom(socket);
		this.#succeed(seen);
	}

	#succeed(digest: Uint8Array | null): void {
		if (!this.#tell()) return;
		this.#socket.removeAllListeners("close");
		this.#completion.dialled(new SocketTransport(this.#socket, digest, this.#name));
	}

	#fail(error: TransportError): void {
		if (!this.#tell()) return;
		this.#session?.forget();
		this.#socket.on("error", () => {});
		this.#socket.destroy();
		this.#completion.failed(error);
	}

	#tell(): boolean {
		if (this.#told) return false;
		this.#told = true;
		clearTimeout(this.#timer);
		return true;
	}

	#timeoutError(secure: boolean, timeoutMs: number): TransportError {
		if (secure && this.#connected)
			return {
				kind: "timeout",
				message: `${this.#name} accepted the connection but answered nothing to a TLS handshake within ${timeoutMs} ms; it probably speaks plaintext, or hangs`,
			};
		return { kind: "timeout", message: `${this.#name} did not answer within ${timeoutMs} ms` };
	}
}

class SocketListener implements Listener {
	readonly #endpoint: SocketEndpoint;
	readonly #acceptor: Acceptor;
	#server: Server = createServer();
	#stopRotation: (() => void) | null = null;
	/** A socket that nobody listened on was in the way, and went. */
	#replaced = false;
	#closed = false;

	constructor(endpoint: SocketEndpoint, acceptor: Acceptor) {
		this.#endpoint = endpoint;
		this.#acceptor = acceptor;
	}

	start(identity: NodeIdentity | null, handshakeTimeoutMs: number): void {
		const fault = pathFault(this.#endpoint);
		if (fault !== null) return void setImmediate(() => this.#fail(new Error(fault)));
		const server =
			identity === null ? createServer((socket) => this.#plain(socket)) : this.#secure(identity, handshakeTimeoutMs);
		this.#server = server;
		server.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
		server.once("listening", () => {
			if (!this.#closed) this.#acceptor.listening(this.#bound());
		});
		this.#open();
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#stopRotation?.();
		this.#server.close();
	}

	#open(): void {
		const endpoint = this.#endpoint;
		if (endpoint.kind === "unix") this.#server.listen(endpoint.path);
		else this.#server.listen(endpoint.port, endpoint.host);
	}

	#plain(socket: Socket): void {
		this.#acceptor.accepted(new SocketTransport(socket, null, this.#peerName(socket)));
	}

	#secure(identity: NodeIdentity, handshakeTimeoutMs: number): Server {
		const { server, stop } = secureServer({
			identity,
			handshakeTimeoutMs,
			acceptor: this.#acceptor,
			peerName: (socket) => this.#peerName(socket),
			recordBytesMax: RECORD_BYTES_MAX,
		});
		this.#stopRotation = stop;
		return server;
	}

	#peerName(socket: Socket): string {
		return this.#endpoint.kind === "unix" ? `a client of ${this.#endpoint.path}` : nameOf(socket);
	}

	#bound(): SocketEndpoint {
		if (this.#endpoint.kind === "unix") return this.#endpoint;
		return { kind: "tcp", host: this.#endpoint.host, port: (this.#server.address() as AddressInfo).port };
	}

	#failed(error: NodeJS.ErrnoException): void {
		if (this.#closed) return;
		const endpoint = this.#endpoint;
		if (error.code === "EADDRINUSE" && endpoint.kind === "unix" && !this.#replaced)
			this.#replaceStale(endpoint.path, error);
		else this.#fail(error);
	}

	#fail(error: NodeJS.ErrnoException): void {
		if (this.#closed) return;
		this.close();
		this.#acceptor.failed(listenFault(error, this.#endpoint));
	}

	/**
	 * The socket of a program that was killed stays behind in the file system: nobody answers there, so it may be replaced, once. Nothing else
	 * that has the name is touched.
	 */
	#replaceStale(path: string, error: NodeJS.ErrnoException): void {
		if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false)
			return this.#fail(Object.assign(error, { code: "EEXIST" }));
		this.#replaced = true;
		const probe = connectPlain({ path });
		probe.once("connect", () => {
			probe.destroy();
			this.#fail(error);
		});
		probe.once("error", (probed: NodeJS.ErrnoException) => {
			if (this.#closed) return;
			if (probed.code !== "ECONNREFUSED" && probed.code !== "ENOENT") return this.#fail(error);
			try {
				rmSync(path, { force: true });
			} catch (unremoved) {
				return this.#fail(unremoved as NodeJS.ErrnoException);
			}
			this.#open();
		});
	}
}

function listenFault(error: NodeJS.ErrnoException, endpoint: SocketEndpoint): TransportError {
	const name = endpointName(endpoint);
	let why = error.message;
	if (error.code === "EADDRINUSE") why = "another program does";
	else if (error.code === "EADDRNOTAVAIL") why = "this machine has no such address";
	else if (error.code === "EEXIST") why = "there is a file of that name, which is no socket";
	// What the system says of a folder that does not exist, too.
	else if (error.code === "EACCES" && endpoint.kind === "unix" && !existsSync(dirname(endpoint.path)))
		why = "its folder does not exist";
	else if (error.code === "EACCES" || error.code === "EPERM") why = "not permitted";
	return { kind: "failed", message: `cannot listen at ${name}: ${why}` };
}

function endpointName(endpoint: SocketEndpoint): string {
	if (endpoint.kind === "unix") return endpoint.path;
	return (endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host) + ":" + endpoint.port;
}
