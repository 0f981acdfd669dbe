import { randomBytes } from "node:crypto";
import type { Server, TLSSocket } from "node:tls";
import { digestText } from "../../src/net/identity.js";
import { peerDigestOf } from "./tls.js";

/** How long a session may be taken up again: a device behind a flaky network comes back within minutes, and with TLS 1.2 the keys stay as long. */
export const SESSION_SECONDS = 3600;

const TICKET_KEY_BYTES = 48;
/** Peers whose sessions are kept; each costs some 2 KB. */
const SESSIONS_MAX = 256;

/**
 * Sessions that the next dial of the same peer may take up again, which saves both ends the arithmetic of a handshake. No certificate is shown
 * then, so a session is kept under who we were, where the peer was and the digest that it was verified under, and stands for no other. OpenSSL
 * hands out no new one when an old one is taken up, so that it serves until the peer has forgotten it.
 */
export class TlsSessions {
	readonly #sessions = new Map<string, Buffer>();

	placeOf(own: Uint8Array, place: string, verified: Uint8Array): SessionPlace {
		return new SessionPlace(this.#sessions, `${digestText(own)} ${digestText(verified)} ${place}`);
	}
}

/** Where the session with one peer is kept. */
export class SessionPlace {
	readonly #sessions: Map<string, Buffer>;
	readonly #key: string;

	constructor(sessions: Map<string, Buffer>, key: string) {
		this.#sessions = sessions;
		this.#key = key;
	}

	get(): Buffer | undefined {
		return this.#sessions.get(this.#key);
	}

	/** Call it for a peer whose digest was compared. TLS 1.3 hands sessions out after the handshake, 1.2 within it. */
	keepFrom(socket: TLSSocket): void {
		if (socket.getProtocol() === "TLSv1.3") socket.on("session", (session: Buffer) => this.#keep(session));
		else {
			const session = socket.getSession();
			if (session !== undefined) this.#keep(session);
		}
	}

	/** The oldest of too many sessions is dropped. */
	#keep(session: Buffer): void {
		this.#sessions.delete(this.#key);
		this.#sessions.set(this.#key, session);
		for (const oldest of this.#sessions.keys()) {
			if (this.#sessions.size <= SESSIONS_MAX) return;
			this.#sessions.delete(oldest);
		}
	}

	/** The dial failed, whatever the reason: the next one begins anew. */
	forget(): void {
		this.#sessions.delete(this.#key);
	}
}

/**
 * The digest of the server that has shaken hands, where `expected` was asked for. Who takes a session up again shows no certificate: only the
 * peer that was verified when it began can know its secret.
 */
export function serverDigestOf(socket: TLSSocket, expected: Uint8Array | null): Uint8Array | null {
	return socket.isSessionReused() ? expected : peerDigestOf(socket);
}

/**
 * The keys under which a server hands sessions out change with their lifetime: who learns one later can open little. Returns what ends
 * that.
 */
export function rotateTicketKeys(server: Server): () => void {
	const timer = setInterval(() => server.setTicketKeys(randomBytes(TICKET_KEY_BYTES)), SESSION_SECONDS * 1000);
	timer.unref();
	return () => clearInterval(timer);
}
