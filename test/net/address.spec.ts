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
		for (const text of ["tcp:0.0.0.0:7000", "tcp:[::]:7000", "unix:/run/hub.sock"])
			expect(formatEndpoint(parseListen(text))).toBe(text);
	});

	it("says what is wrong with others", () => {
		expect(() => parseListen("7000")).toThrowError(AddressError, /expected "tcp:HOST:PORT"/);
		expect(() => parseListen("unix:")).toThrowError(AddressError, /path/);
		expect(() => parseListen("tcp:0.0.0.0")).toThrowError(AddressError, /no port/);
	});
});
