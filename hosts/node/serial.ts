import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { SerialPort } from "serialport";
import { SerialLine, type SerialSessions, type SerialStream } from "../../src/net/serial-line.js";
import type { SerialText } from "../../src/net/serial-link.js";
import type { Acceptor, DialCompletion, Dialing, Listener } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import { NodeClock } from "./clock.js";
import type { NodeIdentity } from "./identity.js";
import { SocketTransport } from "./socket-transport.js";
import { handshakeFault, serverFault, tlsOptions } from "./tls.js";
import { secureServer } from "./tls-server.js";
import { serverDigestOf, type SessionPlace, type TlsSessions } from "./tls-sessions.js";
import { TransportDuplex } from "./transport-duplex.js";

/** What a device of ours reads in one piece: a record that is longer waits for all its frames. */
const RECORD_BYTES_MAX = 2048;
const DEFAULT_BAUD = 115_200;
/** A line that is not there may come: boards are unplugged, emulators started. */
const RETRY_MS = 250;
/** How often is looked whether an open port's device is still there. */
const PRESENCE_MS = 500;
/** Longer console lines are cut. */
const CONSOLE_LINE_BYTES_MAX = 1024;

export interface SerialOptions {
	/** Speed of serial lines in bits per second (default 115,200). USB devices ignore it. */
	baud?: number;
	/** Is given the console text that shares the line with the link. */
	onConsoleLine?: (line: string) => void;
}

/** A serial port of this machine, or a Unix socket, which is what emulators make of theirs. The error says what to do. */
export async function openSerial(path: string, baud: number = DEFAULT_BAUD): Promise<Duplex> {
	const there = statSync(path, { throwIfNoEntry: false });
	if (there === undefined) throw new Error(portFault(path, "ENOENT"));
	if (there.isSocket()) return openSocket(path);
	let serialport: typeof import("serialport");
	try {
		serialport = await import("serialport");
	} catch {
		throw new Error("serial ports need the package serialport: npm install serialport");
	}
	const port = new serialport.SerialPort({ path, baudRate: baud, autoOpen: false });
	await new Promise<void>((resolve, reject) =>
		port.open((error) => (error ? reject(new Error(portFault(path, error.message))) : resolve())),
	);
	endWithDevice(port, path, there.rdev);
	return port;
}

/**
 * The package leaves the device open, and locked, when its stream is destroyed, and reads a device for ever that has hung up; a read that
 * fails closes it without ending its stream. Here a destroyed stream gives the device back, and one whose device has gone is destroyed.
 */
function endWithDevice(port: SerialPort, path: string, device: number): void {
	const gone = (): void => void port.destroy(new Error(`${path} is gone`));
	const watch = setInterval(() => {
		if (statSync(path, { throwIfNoEntry: false })?.rdev !== device) gone();
	}, PRESENCE_MS).unref();
	port._disconnected = gone;
	port._destroy = (error, done) => {
		clearInterval(watch);
		if (port.isOpen) port.close(() => done(error));
		else done(error);
	};
	port.once("close", () => clearInterval(watch));
}

function openSocket(path: string): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connect({ path });
		socket.once("connect", () => resolve(socket));
		socket.once("error", reject);
	});
}

/** Says what to do about a port that does not open. */
export function portFault(path: string, message: string): string {
	if (/ENOENT|No such file/i.test(message))
		return `there is no ${path}: is the board plugged in, with a cable that carries data? \`ls /dev/ttyACM* /dev/ttyUSB*\` shows the ports`;
	if (/EACCES|Permission denied/i.test(message))
		return `${path} may not be opened by you: \`sudo usermod -aG dialout $USER\`, then log in again`;
	if (/EBUSY|lock|temporarily unavailable/i.test(message))
		return `${path} is in use by another program: a terminal, or another vat?`;
	if (/ENOTTY|Inappropriate ioctl/i.test(message)) return `${path} is no serial port`;
	return `${path} cannot be opened: ${message}`;
}

class ConsoleText implements SerialText {
	#line: number[] = [];
	readonly #onLine: (line: string) => void;

	constructor(onLine: (line: string) => void) {
		this.#onLine = onLine;
	}
	textByte(byte: number): void {
		if (byte !== 0x0a && this.#line.length < CONSOLE_LINE_BYTES_MAX) {
			if (byte !== 0x0d) this.#line.push(byte);
			return;
		}
		this.#onLine(Buffer.from(this.#line).toString("utf8"));
		this.#line = [];
	}
}

function lineOver(duplex: Duplex, path: string, sessions: SerialSessions, options: SerialOptions): SerialLine {
	const text = options.onConsoleLine === undefined ? null : new ConsoleText(options.onConsoleLine);
	return new SerialLine(new SocketTransport(duplex, null, path), path, new NodeClock(), sessions, text);
}

function nonce(): number {
	return randomBytes(4).readUInt32LE(0);
}

/** As `Network.dial`: the line is opened for this one stream, and closed with it. */
export function dialSerial(
	path: string,
	identity: NodeIdentity | null,
	expected: Uint8Array | null,
	timeoutMs: number,
	completion: DialCompletion,
	sessions: TlsSessions,
	options: SerialOptions,
): Dialing {
	const dial = new SerialDial(path, identity, expected, completion, sessions, options);
	dial.start(timeoutMs);
	return dial;
}

/** Life: opening the line → offering a session → (TLS) shaking hands → told, once. */
class SerialDial implements Dialing, SerialSessions {
	readonly #path: string;
	readonly #identity: NodeIdentity | null;
	readonly #expected: Uint8Array | null;
	readonly #completion: DialCompletion;
	readonly #sessions: TlsSessions;
	readonly #options: SerialOptions;
	#session: SessionPlace | null = null;
	#line: SerialLine | null = null;
	#timer: NodeJS.Timeout | undefined;
	#told = false;

	constructor(
		path: string,
		identity: NodeIdentity | null,
		expected: Uint8Array | null,
		completion: DialCompletion,
		sessions: TlsSessions,
		options: SerialOptions,
	) {
		this.#sessions = sessions;
		this.#path = path;
		this.#identity = identity;
		this.#expected = expected;
		this.#completion = completion;
		this.#options = options;
	}

	start(timeoutMs: number): void {
		const message = `nobody answers on ${this.#path} within ${timeoutMs} ms: is the board on, and does its program listen on this line?`;
		this.#timer = setTimeout(() => this.#fail({ kind: "timeout", message }), timeoutMs);
		openSerial(this.#path, this.#options.baud).then(
			(duplex) => {
				if (this.#told) return void duplex.destroy();
				this.#line = lineOver(duplex, this.#path, this, this.#options);
				this.#line.dial(nonce());
			},
			(error: Error) => this.#fail({ kind: "unreachable", message: error.message }),
		);
	}
	cancel(): void {
		setImmediate(() => this.#fail({ kind: "cancelled", message: `dialling ${this.#path} was given up` }));
	}

	opened(stream: SerialStream): void {
		// The session after the one that was dialled is nobody's.
		if (this.#told) return this.#line?.close();
		if (this.#identity === null) {
			this.#tell();
			return this.#completion.dialled(stream);
		}
		const identity = this.#identity;
		if (this.#expected !== null) this.#session = this.#sessions.placeOf(identity.digest, this.#path, this.#expected);
		const session = this.#session?.get();
		const socket = connectTls({ ...tlsOptions(identity), socket: new TransportDuplex(stream), session });
		const lost = (error: NodeJS.ErrnoException): void => this.#fail(handshakeFault(error, this.#path, "server"));
		socket.once("error", lost);
		socket.once("secureConnect", () => {
			const seen = serverDigestOf(socket, this.#expected);
			const fault = serverFault(this.#path, this.#expected, seen);
			if (fault !== null) return this.#fail(fault);
			if (!this.#tell()) return;
			socket.setMaxSendFragment(RECORD_BYTES_MAX);
			this.#session?.keepFrom(socket);
			this.#completion.dialled(new SocketTransport(socket, seen, this.#path));
		});
	}
	refused(error: TransportError): void {
		this.#fail(error);
	}
	lost(error: TransportError | null): void {
		this.#fail(error ?? { kind: "reset", message: `${this.#path} was closed by the other side` });
	}

	#tell(): boolean {
		if (this.#told) return false;
		this.#told = true;
		clearTimeout(this.#timer);
		return true;
	}
	#fail(error: TransportError): void {
		if (!this.#tell()) return;
		this.#session?.forget();
		this.#line?.close();
		this.#completion.failed(error);
	}
}

/** As `Network.listen`: waits for the line, and for one peer after another on it; a line that is lost is opened again when it is back. */
export function listenSerial(
	path: string,
	identity: NodeIdentity | null,
	handshakeTimeoutMs: number,
	acceptor: Acceptor,
	options: SerialOptions,
): Listener {
	const listener = new SerialListener(path, identity, handshakeTimeoutMs, acceptor, options);
	listener.start();
	return listener;
}

class SerialListener implements Listener, SerialSessions {
	readonly #path: string;
	readonly #acceptor: Acceptor;
	readonly #options: SerialOptions;
	readonly #secure: ReturnType<typeof secureServer> | null;
	#line: SerialLine | null = null;
	#timer: NodeJS.Timeout | undefined;
	#complained = "";
	#closed = false;

	constructor(
		path: string,
		identity: NodeIdentity | null,
		handshakeTimeoutMs: number,
		acceptor: Acceptor,
		options: SerialOptions,
	) {
		this.#path = path;
		this.#acceptor = acceptor;
		this.#options = options;
		this.#secure =
			identity === null
				? null
				: secureServer({
						identity,
						handshakeTimeoutMs,
						acceptor,
						peerName: () => path,
						recordBytesMax: RECORD_BYTES_MAX,
					});
	}

	start(): void {
		setImmediate(() => {
			if (!this.#closed) this.#acceptor.listening({ kind: "serial", path: this.#path });
			this.#open();
		});
	}
	close(): void {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.#secure?.stop();
		this.#line?.close();
	}

	opened(stream: SerialStream): void {
		if (this.#secure === null) this.#acceptor.accepted(stream);
		else this.#secure.server.emit("connection", new TransportDuplex(stream));
	}
	refused(): void {}
	lost(): void {
		this.#line = null;
		this.#retry();
	}

	#open(): void {
		if (this.#closed) return;
		openSerial(this.#path, this.#options.baud).then(
			(duplex) => {
				if (this.#closed) return void duplex.destroy();
				this.#complained = "";
				this.#line = lineOver(duplex, this.#path, this, this.#options);
				this.#line.listen(nonce());
			},
			(error: Error) => this.#complain(error.message),
		);
	}
	/** Once for each reason: the line is tried again until it is there. */
	#complain(message: string): void {
		if (message !== this.#complained && !this.#closed)
			this.#acceptor.rejected({ kind: "unreachable", message: `${message} (waiting for it)` });
		this.#complained = message;
		this.#retry();
	}
	#retry(): void {
		if (!this.#closed) this.#timer = setTimeout(() => this.#open(), RETRY_MS);
	}
}
