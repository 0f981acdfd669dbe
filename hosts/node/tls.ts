import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket, type SecureContextOptions } from "node:tls";
import type { TransportError } from "../../src/ports/transport.js";
import { digestText, sameDigest } from "../../src/net/identity.js";
import { type NodeIdentity, spkiDigest } from "./identity.js";

/**
 * The smallest record buffer of the devices we talk to. A larger record would end their connection, and only a device that is the
 * client can ask for less (max_fragment_length).
 */
export const RECORD_BYTES_MAX = 4096;

/** ECDHE only: an RSA key with TLS 1.2 would otherwise lead some peers to DHE. No CBC: OCaml peers have none. */
const CIPHERS = [
	"TLS_AES_128_GCM_SHA256",
	"TLS_AES_256_GCM_SHA384",
	"TLS_CHACHA20_POLY1305_SHA256",
	"ECDHE-ECDSA-AES128-GCM-SHA256",
	"ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-AES256-GCM-SHA384",
	"ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305",
	"ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** Both roles. No authority is asked: the caller compares the digest of the peer's key. */
export function tlsOptions(
	identity: NodeIdentity,
): SecureContextOptions & { rejectUnauthorized: false; requestCert: true } {
	return {
		key: identity.keyPem,
		cert: identity.certificatePem,
		minVersion: "TLSv1.2",
		ciphers: CIPHERS,
		// Who dials knows what it has hardware for: without it ChaCha20 takes a device less than half the time of AES-GCM.
		honorCipherOrder: false,
		requestCert: true,
		rejectUnauthorized: false,
	};
}

/** Digest of the key that the peer proved to hold; null when it showed no certificate. */
export function peerDigestOf(socket: TLSSocket): Uint8Array | null {
	const certificate = socket.getPeerX509Certificate();
	return certificate === undefined ? null : spkiDigest(new X509Certificate(certificate.raw).publicKey);
}

/** What is wrong with a server that was dialled, or null. */
export function serverFault(
	peerName: string,
	expected: Uint8Array | null,
	seen: Uint8Array | null,
): TransportError | null {
	if (seen === null)
		return { kind: "certificate", message: `${peerName} showed no certificate, so it cannot prove who it is` };
	if (expected === null || sameDigest(expected, seen)) return null;
	return {
		kind: "digest",
		message: `${peerName} is not the vat that was asked for: its key is ${digestText(seen)}, expected ${digestText(expected)}; it has a new key, or another program is in its place`,
	};
}

/** The likely cause of a handshake that failed. `role` is the peer's. */
export function handshakeFault(
	error: NodeJS.ErrnoException,
	peerName: string,
	role: "server" | "client",
): TransportError {
	const code = error.code ?? "";
	if (code === "ECONNREFUSED") return { kind: "refused", message: `nobody listens at ${peerName}` };
	if (code === "ENOENT") return { kind: "refused", message: `there is no socket at ${peerName}` };
	if (code === "ENOTFOUND" || code === "EAI_AGAIN")
		return { kind: "unreachable", message: `the host of ${peerName} has no address (${code})` };
	if (code === "EHOSTUNREACH" || code === "ENETUNREACH")
		return { kind: "unreachable", message: `there is no route to ${peerName}` };
	if (code === "ETIMEDOUT") return { kind: "timeout", message: `${peerName} did not answer` };
	if (
		/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE/.test(
			code,
		)
	)
		return plaintextFault(peerName, role);
	if (code === "ECONNRESET" || code === "EPIPE")
		return {
			kind: "reset",
			message: `${peerName} ended the connection during the TLS handshake; ${role === "server" ? "it may speak plaintext, or have turned this vat's key away" : "it may expect another key"}`,
		};
	if (/NO_SHARED_CIPHER|NO_SUITABLE_SIGNATURE_ALGORITHM|NO_SHARED_SIGNATURE_ALGORITHMS/.test(code))
		return {
			kind: "tls",
			message: `${peerName} and this vat have no cipher or kind of key in common (${code}); devices know P-256, P-384 and RSA keys, not Ed25519: give this vat a P-256 key`,
		};
	if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS"))
		return { kind: "tls", message: `no TLS session could be agreed with ${peerName} (${code})` };
	return { kind: "failed", message: `connecting with ${peerName} failed: ${error.message}` };
}

function plaintextFault(peerName: string, role: "server" | "client"): TransportError {
	const why =
		role === "server"
			? "answered in plaintext; it was started with --capnp-disable-tls, or another program owns that port"
			: "spoke plaintext to this TLS port; it has an insecure address for this vat, or is no Cap'n Proto peer";
	return { kind: "plaintext", message: `${peerName} ${why}` };
}

/** For people: who is at the other end. */
export function nameOf(socket: Socket): string {
	const { remoteAddress, remotePort } = socket;
	if (remoteAddress === undefined) return "a client";
	return (remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress) + ":" + remotePort;
}
