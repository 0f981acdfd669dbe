import type { Duplex } from "node:stream";
import { connect as connectTls, TLSSocket } from "node:tls";
import type { PeerTransport } from "../../src/ports/network.js";
import type { TransportError, TransportErrorKind } from "../../src/ports/transport.js";
import type { NodeIdentity } from "./identity.js";
import { SocketTransport } from "./socket-transport.js";
import { handshakeFault, peerDigestOf, RECORD_BYTES_MAX, serverFault, tlsOptions } from "./tls.js";

export interface SecureStreamOptions {
	/** Who we are: both ends show a key. */
	identity: NodeIdentity;
	role: "client" | "server";
	/** The only key that is accepted, as its digest; null: any, and `peerDigest` says which it was. */
	expected: Uint8Array | null;
	/** For errors (default "the peer"). */
	peerName?: string;
	/** For the handshake (default 10,000). */
	timeoutMs?: number;
}

/** A handshake that failed; `kind` is the likely cause. */
export class SecureStreamError extends Error implements TransportError {
	override name = "SecureStreamError";
	readonly kind: TransportErrorKind;

	constructor({ kind, message }: TransportError) {
		super(message);
		this.kind = kind;
	}
}

/**
 * Mutual TLS with pinned keys over any stream: a pipe, a serial line, a socket that somebody else opened. Takes the stream, and destroys it
 * when it rejects with a SecureStreamError.
 */
export function secureStream(stream: Duplex, options: SecureStreamOptions): Promise<PeerTransport> {
	const { identity, role, expected, peerName = "the peer", timeoutMs = 10_000 } = options;
	const isServer = role === "server";
	const socket = isServer
		? new TLSSocket(stream, { isServer, ...tlsOptions(identity) })
		: connectTls({ ...tlsOptions(identity), socket: stream, servername: "" });
	return new Promise((resolve, reject) => {
		const fail = (error: TransportError) => {
			clearTimeout(timer);
			// Nobody is interested in what still comes of it.
			socket.on("error", () => {});
			stream.on("error", () => {});
			socket.destroy();
			stream.destroy();
			reject(new SecureStreamError(error));
		};
		const timer = setTimeout(
			() =>
				fail({
					kind: "timeout",
					message: `${peerName} did not finish the TLS handshake within ${timeoutMs} ms; it probably speaks plaintext, or hangs`,
				}),
			timeoutMs,
		);
		const broke = (error?: NodeJS.ErrnoException) =>
			fail(
				handshakeFault(
					error ?? ({ code: "ECONNRESET" } as NodeJS.ErrnoException),
					peerName,
					isServer ? "client" : "server",
				),
			);
		const ended = () => broke();
		socket.once("error", broke).once("close", ended);
		// Of a client that leaves meanwhile a TLSSocket says nothing, and waits.
		stream.once("end", ended);
		socket.once(isServer ? "secure" : "secureConnect", () => {
			const seen = peerDigestOf(socket);
			const fault = serverFault(peerName, expected, seen);
			if (fault !== null) return fail(fault);
			clearTimeout(timer);
			socket.off("close", ended);
			stream.off("end", ended);
			socket.setMaxSendFragment(RECORD_BYTES_MAX);
			resolve(new SocketTransport(socket, seen, peerName));
		});
	});
}
