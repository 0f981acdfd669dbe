import { fromBase64Url, toBase64Url } from "../../src/base/base64url.js";
import { AddressError, atEndpoint, formatEndpoint, formatUri, parseListen, parseUri } from "../../src/net/address.js";

const DIGEST = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

describe("base64url", () => {
	it("gives back the bytes it was made of, at every length", () => {
		for (let length = 0; length < 40; length++) {
			const bytes = new Uint8Array(length);
			for (let i = 0; i < length; i++) bytes[i] = (i * 151 + length) & 255;
			expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
		}
	});

	it("reads padded text and writes none", () => {
		expect(fromBase64Url("Zg==")).toEqual(new Uint8Array([0x66]));
		expect(fromBase64Url("Zm8=")).toEqual(new Uint8Array([0x66, 0x6f]));
		expect(toBase64Url(new Uint8Array([0x66]))).toBe("Zg");
	});

	it("refuses the standard alphabet, dangling characters and stray bits", () => {
		expect(fromBase64Url("a+b_")).toBeNull();
		expect(fromBase64Url("a/b_")).toBeNull();
		expect(fromBase64Url("abcde")).toBeNull();
		expect(fromBase64Url("Zh")).toBeNull();
	});
});

describe("a capnp URI", () => {
	it("names a service at a TCP address", () => {
		const text = `capnp://sha-256:${DIGEST}@hub.example:7000/Zm9v`;
		const uri = parseUri(text);
		expect(uri.endpoint).toEqual({ kind: "tcp", host: "hub.example", port: 7000 });
		expect(uri.digest![31]).toBe(31);
		expect(uri.id).toEqual(new Uint8Array([0x66, 0x6f, 0x6f]));
		expect(formatUri(uri)).toBe(text);
	});

	it("has an empty id with and without the slash, and prints none", () => {
		expect(formatUri(parseUri("capnp://insecure@10.0.0.1:1/"))).toBe("capnp://insecure@10.0.0.1:1");
		expect(parseUri("capnp://insecure@10.0.0.1:1").id.length).toBe(0);
	});

	it("keeps IPv6 in brackets, with its zone percent-encoded", () => {
		const uri = parseUri("capnp://insecure@[fe80::1%25eth0]:7000/");
		expect(uri.endpoint).toEqual({ kind: "tcp", host: "fe80::1%eth0", port: 7000 });
		expect(formatUri(uri)).toBe("capnp://insecure@[fe80::1%25eth0]:7000");
	});

	it("takes the last segment of a Unix path as the id and decodes the rest", () => {
		const uri = parseUri("capnp://insecure@/run/my%20hub/socket/Zm9v");
		expect(uri.endpoint).toEqual({ kind: "unix", path: "/run/my hub/socket" });
		expect(formatUri(uri)).toBe("capnp://insecure@/run/my%20hub/socket/Zm9v");
		expect(formatUri(parseUri("capnp://insecure@/run/hub/"))).toBe("capnp://insecure@/run/hub/");
	});

	it("names a service at the other end of a serial line", () => {
		const text = `capnp+serial://sha-256:${DIGEST}@/dev/ttyACM0/Zm9v`;
		const uri = parseUri(text);
		expect(uri.endpoint).toEqual({ kind: "serial", path: "/dev/ttyACM0" });
		expect(formatUri(uri)).toBe(text);
		expect(formatUri(parseUri("CAPNP+SERIAL://insecure@/dev/ttyS0/"))).toBe("capnp+serial://insecure@/dev/ttyS0/");
		expect(() => parseUri("capnp+serial://insecure@hub:7000/")).toThrowError(AddressError, /has no host/);
		expect(() => parseUri("capnp+serial://insecure@/Zm9v")).toThrowError(AddressError, /serial line's path/);
		expect(parseListen("serial:/dev/ttyACM0")).toEqual({ kind: "serial", path: "/dev/ttyACM0" });
		expect(formatEndpoint({ kind: "serial", path: "/dev/ttyACM0" })).toBe("serial:/dev/ttyACM0");
		expect(() => parseListen("serial:ttyACM0")).toThrowError(AddressError, /absolute path/);
	});

	const ID_OF_4 = "3q2-7w";
	/** What is read, and the one form in which it is printed. */
	const canonical: [what: string, text: string, printed: string][] = [
		["a digest with padding", `capnp://sha-256:${DIGEST}=@h:1`, `capnp://sha-256:${DIGEST}@h:1`],
		["an id with padding", `capnp://insecure@h:1/${ID_OF_4}==`, `capnp://insecure@h:1/${ID_OF_4}`],
		["an id with one sign of padding", "capnp://insecure@h:1/Zm8=", "capnp://insecure@h:1/Zm8"],
		["padding that is percent-encoded", `capnp://insecure@h:1/${ID_OF_4}%3D%3D`, `capnp://insecure@h:1/${ID_OF_4}`],
		["a percent-encoded identity", `capnp://sha-256%3A${DIGEST}@h:1`, `capnp://sha-256:${DIGEST}@h:1`],
		["TCP with a trailing slash", "capnp://insecure@h:1/", "capnp://insecure@h:1"],
		["TCP without one", "capnp://insecure@h:1", "capnp://insecure@h:1"],
		["an upper-case scheme", "CAPNP://insecure@h:1", "capnp://insecure@h:1"],
		["the greatest port", "capnp://insecure@h:65535", "capnp://insecure@h:65535"],
		["a port with zeros in front", "capnp://insecure@h:00080", "capnp://insecure@h:80"],
		["an IPv4 address", "capnp://insecure@192.0.2.1:1", "capnp://insecure@192.0.2.1:1"],
		["an IPv6 address", "capnp://insecure@[2001:db8::1]:1/", "capnp://insecure@[2001:db8::1]:1"],
		["IPv4 in IPv6", "capnp://insecure@[::ffff:192.0.2.1]:1", "capnp://insecure@[::ffff:192.0.2.1]:1"],
		["a query before any slash", "capnp://insecure@h:1?a=b/c@d", "capnp://insecure@h:1"],
		["a query after the id", "capnp://insecure@h:1/Zm8?a#b", "capnp://insecure@h:1/Zm8"],
		["a fragment with a query in it", "capnp://insecure@h:1/Zm8#b?a", "capnp://insecure@h:1/Zm8"],
		["a Unix path and an id", "capnp://insecure@/run/hub/Zm8", "capnp://insecure@/run/hub/Zm8"],
		["a Unix path of one segment", "capnp://insecure@/hub/", "capnp://insecure@/hub/"],
		["a Unix path that ends in a slash", "capnp://insecure@/run/hub//", "capnp://insecure@/run/hub//"],
		["a Unix path with a query", "capnp://insecure@/run/hub/?a", "capnp://insecure@/run/hub/"],
		[
			"a Unix path with signs of URIs in it",
			"capnp://insecure@/a%3Fb%23c%25d%40e%20f%C3%A9/",
			"capnp://insecure@/a%3Fb%23c%25d%40e%20f%C3%A9/",
		],
		["a Unix path with needless escapes", "capnp://insecure@/%72un/hub/", "capnp://insecure@/run/hub/"],
	];
	for (const [what, text, printed] of canonical) {
		it(`reads ${what} and prints the one form`, () => {
			expect(formatUri(parseUri(text))).toBe(printed);
			expect(formatUri(parseUri(printed))).toBe(printed);
		});
	}

	it("reads the escapes of a Unix path as what they stand for", () => {
		expect(parseUri("capnp://insecure@/a%3Fb%23c%25d%40e%20f%C3%A9/Zm8").endpoint).toEqual({
			kind: "unix",
			path: "/a?b#c%d@e fé",
		});
		expect(parseUri("capnp://insecure@/a%2Fb/Zm8").endpoint).toEqual({ kind: "unix", path: "/a/b" });
	});

	it("has ids of every length up to the greatest, and none beyond", () => {
		for (const length of [1, 20, 32, 511, 512]) {
			const id = new Uint8Array(length).fill(0xfb);
			const text = formatUri({ digest: null, endpoint: { kind: "tcp", host: "h", port: 1 }, id });
			expect(parseUri(text).id).toEqual(id);
			expect(formatUri(parseUri(text))).toBe(text);
		}
		expect(() => parseUri("capnp://insecure@h:1/" + toBase64Url(new Uint8Array(513)))).toThrowError(
			AddressError,
			/has 513 bytes: at most 512/,
		);
	});

	it("accepts padding and ignores query and fragment", () => {
		expect(formatUri(parseUri(`capnp://sha-256:${DIGEST}=@h:1/Zg==?x=1#y`))).toBe(`capnp://sha-256:${DIGEST}@h:1/Zg`);
	});

	it("moves to another place and stays the same service", () => {
		const moved = atEndpoint(parseUri(`capnp://sha-256:${DIGEST}@127.0.0.1:7000/Zm9v`), {
			kind: "tcp",
			host: "10.0.2.2",
			port: 7000,
		});
		expect(formatUri(moved)).toBe(`capnp://sha-256:${DIGEST}@10.0.2.2:7000/Zm9v`);
	});

	const bad: [string, string][] = [
		["http://x", "starts with"],
		["capnp://host:1/", "sha-256:DIGEST@"],
		["capnp://sha-256:abc@host:1", "43 characters"],
		[`capnp://sha-256:${DIGEST.replace("A", "+")}@host:1`, "43 characters"],
		["capnp://md5:abc@host:1", "unknown digest algorithm"],
		["capnp://anybody@host:1", "no vat identity"],
		["capnp://insecure@host", "no port"],
		["capnp://insecure@host:70000", "up to 65535"],
		["capnp://insecure@host:65536", '"65536" is no port: expected a number up to 65535'],
		["capnp://insecure@host:0", "port 0 stands for any free one"],
		["capnp://insecure@host:-1", '"-1" is no port'],
		["capnp://insecure@host:1x", '"1x" is no port'],
		["capnp://insecure@host:", '"" is no port'],
		["capnp://insecure@:7000", '"" is no host name'],
		["capnp://insecure@[]:7000", '"" is no host name'],
		["capnp://insecure@[host]:7000", '"host" is no host name or address'],
		["capnp://insecure@[::1]7000", 'expected "[ADDRESS]:PORT"'],
		["capnp://insecure@host:1/a+b_", 'service id after the last "/" is not base64url'],
		["capnp://insecure@host:1/a/b_", 'service id after the last "/" is not base64url'],
		["capnp://insecure@host:1/Zg=", "not base64url (3 characters)"],
		["capnp://insecure@host:1/Zg===", "not base64url"],
		["capnp://insecure@host:1/Zh", "not base64url"],
		["capnp://insecure@/run/hub/a+b_", "not base64url"],
		["capnp://insecure@/run/hub/x%2G", 'the service id has a "%"'],
		["capnp://insecure@/run%00/hub/", "the socket path has a NUL"],
		["capnp://insecure@/run%FF/hub/", 'the socket path has a "%"'],
		["capnp://@host:1", '"" is no vat identity'],
		["capnp://insecure:x@host:1", 'unknown digest algorithm "insecure"'],
		["capnp://INSECURE@host:1", '"INSECURE" is no vat identity'],
		[`capnp://sha-512:${DIGEST}@host:1`, 'unknown digest algorithm "sha-512": only "sha-256" is defined'],
		[`capnp://sha256:${DIGEST}@host:1`, 'unknown digest algorithm "sha256"'],
		[`capnp://SHA-256:${DIGEST}@host:1`, 'unknown digest algorithm "SHA-256"'],
		["capnp://sha-256:@host:1", "43 characters"],
		[`capnp://sha-256:${DIGEST.slice(0, 42)}@host:1`, "43 characters"],
		[`capnp://sha-256:${DIGEST}A@host:1`, "43 characters"],
		[`capnp://sha-256:${DIGEST}==@host:1`, "43 characters"],
		[`capnp://sha-256:${DIGEST.replace("A", "/")}@host:1`, "sha-256:DIGEST@"],
		["capnp:/insecure@host:1", "starts with"],
		["capnps://insecure@host:1", "starts with"],
		["", "starts with"],
		["capnp://", "sha-256:DIGEST@"],
		["capnp://insecure@::1:7000", "in brackets"],
		["capnp://insecure@[::1:7000", "not closed"],
		["capnp://insecure@[::1]", "no port"],
		["capnp://insecure@ho st:1", "no host name"],
		["capnp://insecure@", "nothing follows"],
		["capnp://insecure@/socket", 'followed by "/"'],
		["capnp://insecure@/run/%zz/", "%"],
	];
	for (const [text, part] of bad) {
		it(`says what is wrong with ${text}`, () => {
			expect(() => parseUri(text)).toThrowMatching(
				(error: AddressError) => error instanceof AddressError && error.message.includes(part),
			);
		});
	}

	it("never repeats a service id, which is a secret", () => {
		expect(() => parseUri("capnp://insecure@h:1/top+secret")).toThrowMatching(
			(error: Error) => !error.message.includes("secret") && error.message.includes("base64url"),
		);
	});
});

describe("a listen address", () => {
	it("is read and printed in its three forms", () => {
		for (const text of [
			"tcp:0.0.0.0:7000",
			"tcp:localhost:0",
			"tcp:[::]:7000",
			"tcp:[fe80::1%25eth0]:65535",
			"unix:/run/hub.sock",
			"unix:hub sock?#%",
		])
			expect(formatEndpoint(parseListen(text))).toBe(text);
	});

	it("says what is wrong with others", () => {
		expect(() => parseListen("7000")).toThrowError(AddressError, /expected "tcp:HOST:PORT"/);
		expect(() => parseListen("unix:")).toThrowError(AddressError, /path/);
		expect(() => parseListen("tcp:0.0.0.0")).toThrowError(AddressError, /no port/);
		expect(() => parseListen("tcp:0.0.0.0:65536")).toThrowError(AddressError, /"65536" is no port/);
		expect(() => parseListen("tcp::7000")).toThrowError(AddressError, /"" is no host name/);
		expect(() => parseListen("tcp:")).toThrowError(AddressError, /no port/);
		expect(() => parseListen("tcp:::1:7000")).toThrowError(AddressError, /written in brackets/);
		expect(() => parseListen("tcp:[::]")).toThrowError(AddressError, /no port: expected "\[ADDRESS\]:PORT"/);
		expect(() => parseListen("TCP:0.0.0.0:1")).toThrowError(AddressError, /no listen address/);
		expect(() => parseListen("udp:0.0.0.0:1")).toThrowError(AddressError, /no listen address/);
		expect(() => parseListen("unix:/run/\0x")).toThrowError(AddressError, /NUL/);
	});
});
