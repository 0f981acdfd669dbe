import type { Endpoint, TcpEndpoint } from "../ports/network.js";
import { fromBase64Url, toBase64Url } from "../base/base64url.js";
import { consistsOf, DIGITS } from "../base/characters.js";
import { digestText, parseDigest } from "./identity.js";

const SCHEME = "capnp://";
/** Of this project: other implementations have no serial link. */
const SERIAL_SCHEME = "capnp+serial://";
/** Ids that vats make have 20 or 32 bytes; a name that everybody may know fits too, and a device has room to send it. */
const ID_BYTES_MAX = 512;

const NO_HOST_CHARACTERS = ":/?#@[]%";
const IPV6_CHARACTERS = DIGITS + "abcdefABCDEF:.";
const ZONE_CHARACTERS = DIGITS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._~-";

/** A text that is no address; the message says which part is wrong. It never repeats a service id: ids are secrets. */
export class AddressError extends Error {
	override name = "AddressError";
}

/** Where a vat is and who it has to be. `digest` null: `insecure`, a plaintext peer that proves nothing. */
export interface VatAddress {
	readonly endpoint: Endpoint;
	readonly digest: Uint8Array | null;
}

/** A `capnp://` or `capnp+serial://` URI: a service at a vat. Who knows it may use it. An empty `id` is the vat's bootstrap service. */
export interface CapnpUri extends VatAddress {
	readonly id: Uint8Array;
}

/**
 * Parses `capnp://AUTH@HOST:PORT[/ID]`, `capnp://AUTH@/abs/path/ID`, or `capnp+serial://AUTH@/dev/ttyACM0/ID`, where AUTH is `insecure` or
 * `sha-256:DIGEST`. Digest and id are base64url, padded or not. A query and a fragment are ignored, as other implementations do.
 */
export function parseUri(text: string): CapnpUri {
	const serial = startsWith(text, SERIAL_SCHEME);
	if (!serial && !startsWith(text, SCHEME))
		throw new AddressError(`a vat's address starts with "${SCHEME}", or with "${SERIAL_SCHEME}"`);
	const scheme = serial ? SERIAL_SCHEME : SCHEME;
	const body = cutAt(cutAt(text.slice(scheme.length), "#"), "?");
	const slash = body.indexOf("/");
	const authority = slash < 0 ? body : body.slice(0, slash);
	const path = slash < 0 ? "" : body.slice(slash);
	const at = authority.lastIndexOf("@");
	if (at < 0) throw new AddressError(`"${scheme}" is followed by "sha-256:DIGEST@" or "insecure@", then the place`);
	const digest = parseAuth(percentDecode(authority.slice(0, at), "vat identity"));
	const place = authority.slice(at + 1);
	if (serial && place !== "")
		throw new AddressError(`a serial line has no host: expected "${SERIAL_SCHEME}…@/dev/…/ID", not "${place}"`);
	return place === ""
		? parsePathPart(path, digest, serial ? "serial" : "unix")
		: { digest, endpoint: dialable(parseHostPort(place)), id: parseId(path.slice(1)) };
}

/** Prints the form that every implementation reads: base64url without padding, no slash after a TCP address with an empty id. */
export function formatUri(uri: CapnpUri): string {
	const { endpoint } = uri;
	const id = toBase64Url(uri.id);
	const head = (endpoint.kind === "serial" ? SERIAL_SCHEME : SCHEME) + digestText(uri.digest) + "@";
	if (endpoint.kind !== "tcp") return head + encodePath(endpoint.path) + "/" + id;
	return head + formatHostPort(endpoint.host, endpoint.port) + (id === "" ? "" : "/" + id);
}

/** Parses a listen address: `tcp:HOST:PORT`, `tcp:[v6]:PORT`, `unix:PATH` or `serial:PATH`. */
export function parseListen(text: string): Endpoint {
	if (text.startsWith("tcp:")) return parseHostPort(text.slice(4));
	if (text.startsWith("serial:")) {
		if (!text.startsWith("serial:/"))
			throw new AddressError(`"serial:" is followed by the absolute path of the line, for example /dev/ttyACM0`);
		return { kind: "serial", path: text.slice(7) };
	}
	if (!text.startsWith("unix:"))
		throw new AddressError(`"${text}" is no listen address: expected "tcp:HOST:PORT", "unix:PATH" or "serial:PATH"`);
	if (text.length === 5) throw new AddressError(`"unix:" is followed by the path of the socket`);
	return { kind: "unix", path: withoutNul(text.slice(5), "socket path") };
}

/** The form that `parseListen` reads. */
export function formatEndpoint(endpoint: Endpoint): string {
	return endpoint.kind === "tcp"
		? "tcp:" + formatHostPort(endpoint.host, endpoint.port)
		: endpoint.kind + ":" + endpoint.path;
}

/** `uri` at another place: the identity and the service stay. What a launcher does for a machine that sees its host under another name. */
export function atEndpoint(uri: CapnpUri, endpoint: Endpoint): CapnpUri {
	return { digest: uri.digest, endpoint, id: uri.id };
}

function parseAuth(text: string): Uint8Array | null {
	if (text === "insecure") return null;
	const colon = text.indexOf(":");
	if (colon < 0) throw new AddressError(`"${text}" is no vat identity: expected "sha-256:DIGEST" or "insecure"`);
	const algorithm = text.slice(0, colon);
	if (algorithm !== "sha-256")
		throw new AddressError(`unknown digest algorithm "${algorithm}": only "sha-256" is defined`);
	const digest = parseDigest(text.slice(colon + 1));
	if (digest !== null) return digest;
	throw new AddressError(
		`the digest after "sha-256:" is not 43 characters of base64url (32 bytes): "${text.slice(colon + 1)}"`,
	);
}

/** The last segment is always the id, so that `/run/service/` is the bootstrap service of the socket `/run/service`. */
function parsePathPart(path: string, digest: Uint8Array | null, kind: "unix" | "serial"): CapnpUri {
	const slash = path.lastIndexOf("/");
	const what = kind === "unix" ? "socket" : "serial line";
	if (path === "")
		throw new AddressError(
			`nothing follows the "@": expected ${kind === "unix" ? '"HOST:PORT" or ' : ""}the absolute path of a ${what}`,
		);
	if (slash === 0)
		throw new AddressError(
			`a ${what}'s path is followed by "/" and the service id; "/" alone ends the path of the bootstrap service`,
		);
	return {
		digest,
		endpoint: { kind, path: withoutNul(percentDecode(path.slice(0, slash), what + " path"), what + " path") },
		id: parseId(path.slice(slash + 1)),
	};
}

function parseId(text: string): Uint8Array {
	if (text === "") return new Uint8Array(0);
	const id = fromBase64Url(percentDecode(text, "service id"));
	if (id === null)
		throw new AddressError(`the service id after the last "/" is not base64url (${text.length} characters)`);
	if (id.length > ID_BYTES_MAX)
		throw new AddressError(
			`the service id after the last "/" has ${id.length} bytes: at most ${ID_BYTES_MAX} are sent`,
		);
	return id;
}

function dialable(endpoint: TcpEndpoint): TcpEndpoint {
	if (endpoint.port === 0)
		throw new AddressError(`port 0 stands for any free one where a vat listens: a URI names the port that it got`);
	return endpoint;
}

/** A system would see a shorter path than a person does. */
function withoutNul(path: string, what: string): string {
	if (path.includes("\0")) throw new AddressError(`the ${what} has a NUL in it`);
	return path;
}

function parseHostPort(text: string): TcpEndpoint {
	const bracketed = text.startsWith("[");
	const end = bracketed ? text.indexOf("]") : -1;
	if (bracketed && end < 0) throw new AddressError(`"${text}" opens a bracket that is not closed`);
	const rest = bracketed ? text.slice(end + 1) : text;
	const colon = rest.lastIndexOf(":");
	if (colon < 0 || (bracketed && colon > 0))
		throw new AddressError(`"${text}" has no port: expected "${bracketed ? "[ADDRESS]" : "HOST"}:PORT"`);
	const host = percentDecode(bracketed ? text.slice(1, end) : rest.slice(0, colon), "host");
	if (bracketed ? !isIpv6(host) : !isHostName(host)) {
		const hint = !bracketed && host.includes(":") ? "; an IPv6 address is written in brackets" : "";
		throw new AddressError(`"${host}" is no host name or address${hint}`);
	}
	return { kind: "tcp", host, port: parsePort(rest.slice(colon + 1)) };
}

function parsePort(text: string): number {
	const port = text.length <= 5 && consistsOf(text, DIGITS) ? Number(text) : -1;
	if (port < 0 || port > 65535) throw new AddressError(`"${text}" is no port: expected a number up to 65535`);
	return port;
}

function isHostName(text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		const character = text.charAt(i);
		if (character.trim() === "" || NO_HOST_CHARACTERS.includes(character)) return false;
	}
	return text !== "";
}

/** Shape only: the network that dials it decides. A zone (`fe80::1%eth0`) is allowed. */
function isIpv6(text: string): boolean {
	const percent = text.indexOf("%");
	const address = percent < 0 ? text : text.slice(0, percent);
	if (percent >= 0 && !consistsOf(text.slice(percent + 1), ZONE_CHARACTERS)) return false;
	return consistsOf(address, IPV6_CHARACTERS) && address.includes(":");
}

function formatHostPort(host: string, port: number): string {
	return (host.includes(":") ? "[" + host.replace("%", "%25") + "]" : host) + ":" + port;
}

function encodePath(path: string): string {
	return path
		.split("/")
		.map((segment) => encodeURIComponent(segment))
		.join("/");
}

function percentDecode(text: string, what: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new AddressError(`the ${what} has a "%" that is not followed by the two hexadecimal digits of a UTF-8 byte`);
	}
}

function startsWith(text: string, scheme: string): boolean {
	return text.slice(0, scheme.length).toLowerCase() === scheme;
}

function cutAt(text: string, mark: string): string {
	const at = text.indexOf(mark);
	return at < 0 ? text : text.slice(0, at);
}
