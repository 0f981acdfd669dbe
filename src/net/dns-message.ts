/**
 * Questions for the IPv4 address of a host, and their answers (RFC 1035). An answer comes from whoever wants to send one: each byte is
 * looked for within the message, a compressed name can only point back, and what does not repeat our question is not for us.
 */

/** Longer messages do not come without EDNS, which we do not ask for. */
export const DNS_MESSAGE_BYTES_MAX = 512;
/** What came is no answer to this question: wait for another. */
export const DNS_OTHER = -1;
/** There is no such host, or it has no IPv4 address. */
export const DNS_NONE = -2;
/** The server could not say, or what it says makes no sense. */
export const DNS_FAILED = -3;

const HEADER_BYTES = 12;
const NAME_BYTES_MAX = 255;
const LABEL_BYTES_MAX = 63;
const TYPE_A = 1;
const TYPE_CNAME = 5;
const CLASS_IN = 1;
const NAME_ERROR = 3;
/** From an alias to the next: more are a circle, or might as well be. */
const ALIASES_MAX = 8;

/** Writes the question into `into`, of at least 512 bytes. Returns its length, 0 for a name that is none. */
export function writeDnsQuestion(into: Uint8Array, id: number, host: string): number {
	into.fill(0, 0, HEADER_BYTES);
	into[0] = id >>> 8;
	into[1] = id;
	into[2] = 1; // recursion desired
	into[5] = 1; // one question
	const end = writeName(into, HEADER_BYTES, host);
	if (end === 0) return 0;
	into[end] = 0;
	into[end + 1] = TYPE_A;
	into[end + 2] = 0;
	into[end + 3] = CLASS_IN;
	return end + 4;
}

/**
 * The address that answers `question`, whose first `questionBytes` bytes `writeDnsQuestion` wrote, as a number of 32 bits without a sign;
 * else one of the negative codes.
 */
export function readDnsAnswer(question: Uint8Array, questionBytes: number, message: Uint8Array): number {
	if (!isAnswerTo(question, questionBytes, message)) return DNS_OTHER;
	const code = message[3]! & 15;
	if (code !== 0) return code === NAME_ERROR ? DNS_NONE : DNS_FAILED;
	let name = HEADER_BYTES;
	for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
		const found = findRecord(message, questionBytes, name);
		if (found === 0) return DNS_NONE;
		if (found < 0) return DNS_FAILED;
		if (uint16(message, found) === TYPE_A) return address(message, found + 10);
		name = found + 10;
	}
	return DNS_FAILED;
}

/** A reply, with our number, that repeats our one question. */
function isAnswerTo(question: Uint8Array, questionBytes: number, message: Uint8Array): boolean {
	if (message.length < questionBytes || message.length > DNS_MESSAGE_BYTES_MAX) return false;
	if (message[0] !== question[0] || message[1] !== question[1]) return false;
	// A reply to a plain query; whether it was cut short shows in what is missing.
	if ((message[2]! & 0xf8) !== 0x80 || uint16(message, 4) !== 1) return false;
	for (let i = HEADER_BYTES; i < questionBytes; i++) if (lower(message[i]!) !== lower(question[i]!)) return false;
	return true;
}

/**
 * The record of `name` that is an address or an alias, as the offset of its type, ten bytes before its data; 0 if there is none, -1 for
 * a message that ends too early.
 */
function findRecord(message: Uint8Array, start: number, name: number): number {
	const count = uint16(message, 6);
	let at = start;
	for (let i = 0; i < count; i++) {
		const type = skipName(message, at);
		if (type < 0 || type + 10 > message.length) return -1;
		const length = uint16(message, type + 8);
		const end = type + 10 + length;
		if (end > message.length) return -1;
		if (uint16(message, type + 2) === CLASS_IN && isUseful(message, type, length) && sameName(message, at, name))
			return type;
		at = end;
	}
	return 0;
}

function isUseful(message: Uint8Array, type: number, length: number): boolean {
	const kind = uint16(message, type);
	return kind === TYPE_A ? length === 4 : kind === TYPE_CNAME && skipName(message, type + 10) === type + 10 + length;
}

/** Where what follows a name begins; -1 if the name does not end within the message. */
function skipName(message: Uint8Array, at: number): number {
	for (;;) {
		const length = message[at];
		if (length === undefined) return -1;
		if (length === 0) return at + 1;
		if (length >= 0xc0) return at + 2 <= message.length ? at + 2 : -1;
		if (length > LABEL_BYTES_MAX) return -1;
		at += 1 + length;
	}
}

/** Whether two names of a message are the same; false for one that leads nowhere. */
function sameName(message: Uint8Array, one: number, other: number): boolean {
	// Each label takes two bytes at least.
	for (let labels = 0; labels <= NAME_BYTES_MAX / 2; labels++) {
		one = follow(message, one);
		other = follow(message, other);
		if (one < 0 || other < 0 || message[one] !== message[other]) return false;
		const length = message[one]!;
		if (length === 0) return true;
		if (one + length >= message.length || other + length >= message.length) return false;
		for (let i = 1; i <= length; i++) if (lower(message[one + i]!) !== lower(message[other + i]!)) return false;
		one += 1 + length;
		other += 1 + length;
	}
	return false;
}

/** The next label itself, behind pointers, which can only lead back; -1 if there is none. */
function follow(message: Uint8Array, at: number): number {
	for (;;) {
		const length = message[at];
		if (length === undefined) return -1;
		if (length <= LABEL_BYTES_MAX) return at;
		if (length < 0xc0 || at + 1 >= message.length) return -1;
		const target = uint16(message, at) & 0x3fff;
		if (target >= at) return -1;
		at = target;
	}
}

/** Labels of letters, digits, `-` and `_`, with dots between; one more dot may be at the end. 0 if it is none. */
function writeName(into: Uint8Array, at: number, host: string): number {
	const start = at;
	const length = host.endsWith(".") ? host.length - 1 : host.length;
	if (length === 0 || length > NAME_BYTES_MAX - 2) return 0;
	let label = at++;
	for (let i = 0; i <= length; i++) {
		const code = i < length ? host.charCodeAt(i) : 46;
		if (code === 46) {
			const bytes = at - label - 1;
			if (bytes === 0 || bytes > LABEL_BYTES_MAX) return 0;
			into[label] = bytes;
			label = at++;
		} else if (isHostCharacter(code)) into[at++] = code;
		else return 0;
	}
	into[label] = 0;
	return at - start <= NAME_BYTES_MAX ? at : 0;
}

function isHostCharacter(code: number): boolean {
	return (
		(code >= 48 && code <= 57) ||
		(code >= 65 && code <= 90) ||
		(code >= 97 && code <= 122) ||
		code === 45 ||
		code === 95
	);
}

function lower(code: number): number {
	return code >= 65 && code <= 90 ? code + 32 : code;
}

function uint16(message: Uint8Array, at: number): number {
	return (message[at]! << 8) | message[at + 1]!;
}

function address(message: Uint8Array, at: number): number {
	return ((uint16(message, at) << 16) | uint16(message, at + 2)) >>> 0;
}
