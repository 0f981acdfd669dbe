import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Acceptor } from "../../src/ports/network.js";
import type { NodeIdentity } from "./identity.js";
import { SocketTransport } from "./socket-transport.js";
import { handshakeFault, peerDigestOf, tlsOptions } from "./tls.js";
import { rotateTicketKeys, SESSION_SECONDS } from "./tls-sessions.js";

export interface SecureServerOptions {
	identity: NodeIdentity;
	handshakeTimeoutMs: number;
	acceptor: Acceptor;
	peerName(socket: Socket): string;
	/** No record that is sent is longer. */
	recordBytesMax: number;
}

/** Shakes hands with whoever connects, and hands over those who showed who they are. `stop` ends what the server does by itself. */
export function secureServer(options: SecureServerOptions): { server: Server; stop: () => void } {
	const { identity, acceptor, handshakeTimeoutMs } = options;
	const settings = {
		...tlsOptions(identity),
		handshakeTimeout: handshakeTimeoutMs,
		sessionTimeout: SESSION_SECONDS,
		// A session of one vat in this process is none of another's.
		sessionIdContext: Buffer.from(identity.digest).toString("hex").slice(0, 32),
	};
	const server = createServer(settings, (socket) => {
		const digest = peerDigestOf(socket);
		const name = options.peerName(socket);
		if (digest === null) {
			socket.on("error", () => {});
			socket.destroy();
			acceptor.rejected({
				kind: "certificate",
				message: `${name} showed no certificate, so nobody can know who it is`,
			});
			return;
		}
		socket.setMaxSendFragment(options.recordBytesMax);
		acceptor.accepted(new SocketTransport(socket, digest, name));
	});
	server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
		const name = options.peerName(socket);
		socket.destroy();
		if (error.code === "ERR_TLS_HANDSHAKE_TIMEOUT")
			acceptor.rejected({
				kind: "timeout",
				message: `${name} did not finish its TLS handshake within ${handshakeTimeoutMs} ms`,
			});
		else acceptor.rejected(handshakeFault(error, name, "client"));
	});
	return { server, stop: rotateTicketKeys(server) };
}
