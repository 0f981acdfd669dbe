/**
 * Asking a server for the time (SNTP, RFC 4330). A reply is believed only if it repeats the random number that was sent: without that
 * anybody could set our clock.
 */

export const SNTP_PORT = 123;
export const SNTP_BYTES = 48;
/** The random number of a request: 64 bits. */
export const SNTP_NONCE_BYTES = 8;
/** What came is no answer to this request: wait for another. */
export const SNTP_OTHER = -1;
/** The server does not know the time itself, or does not want to be asked. */
export const SNTP_REFUSED = -2;

const ORIGINATE = 24;
const TRANSMIT = 40;
const MODE_CLIENT = 3;
const MODE_SERVER = 4;
const VERSION = 4;
const LEAP_UNKNOWN = 3;
const STRATUM_MAX = 15;
/** From 1900 to 1970. */
const UNIX_SECONDS = 2_208_988_800;
/** NTP's seconds begin anew in 2036; the first half of them is then meant to be after that. */
const ERA_SECONDS = 4_294_967_296;

/** Writes a request of 48 bytes. In place of our time, which is nobody's business, `nonce` goes out. */
export function writeSntpRequest(into: Uint8Array, nonce: Uint8Array): void {
	into.fill(0, 0, SNTP_BYTES);
	into[0] = (VERSION << 3) | MODE_CLIENT;
	for (let i = 0; i < SNTP_NONCE_BYTES; i++) into[TRANSMIT + i] = nonce[i]!;
}

/** Unix time in milliseconds when the reply was sent, or one of the negative codes. */
export function readSntpReply(message: Uint8Array, nonce: Uint8Array): number {
	if (message.length < SNTP_BYTES || (message[0]! & 7) !== MODE_SERVER) return SNTP_OTHER;
	for (let i = 0; i < SNTP_NONCE_BYTES; i++) if (message[ORIGINATE + i] !== nonce[i]) return SNTP_OTHER;
	const seconds = uint32(message, TRANSMIT);
	const stratum = message[1]!;
	// Stratum 0 is a server that sends us away.
	if (message[0]! >>> 6 === LEAP_UNKNOWN || stratum === 0 || stratum > STRATUM_MAX || seconds === 0)
		return SNTP_REFUSED;
	const since1900 = seconds >= 0x8000_0000 ? seconds : seconds + ERA_SECONDS;
	return (since1900 - UNIX_SECONDS) * 1000 + Math.floor((uint32(message, TRANSMIT + 4) / ERA_SECONDS) * 1000);
}

function uint32(message: Uint8Array, at: number): number {
	return ((message[at]! << 24) | (message[at + 1]! << 16) | (message[at + 2]! << 8) | message[at + 3]!) >>> 0;
}
