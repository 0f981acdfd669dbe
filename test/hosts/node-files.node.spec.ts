import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { loadCapFile, saveCapFile } from "../../hosts/node/cap-file.js";
import { addVatOptions, chosenVat } from "../../hosts/node/options.js";
import { AddressError, formatUri, parseUri } from "../../src/net/address.js";
import { Cleanup } from "../support/cleanup.node.js";

describe("a capability file", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	let path: string;
	beforeEach(() => {
		folder = cleanup.folder();
		path = join(folder, "hub.cap");
	});

	it("holds one reference, for its owner only", () => {
		const uri = "capnp://insecure@127.0.0.1:7000/Zm9v";
		saveCapFile(path, uri);
		expect(formatUri(loadCapFile(path))).toBe(uri);
		saveCapFile(path, parseUri(uri));
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(formatUri(loadCapFile(path))).toBe(uri);
	});

	it("says what is wrong with it and where, not what is in it", () => {
		expect(() => loadCapFile(join(folder, "absent.cap"))).toThrowError(
			AddressError,
			/cannot read.*absent\.cap: there is no such file/,
		);
		expect(() => loadCapFile(folder)).toThrowError(AddressError, /it is a folder/);
		expect(() => saveCapFile(join(folder, "none", "hub.cap"), "capnp://insecure@h:1/abcd")).toThrowError(
			AddressError,
			/cannot write.*hub\.cap: its folder does not exist/,
		);
		expect(() => saveCapFile(path, "http://h")).toThrowError(AddressError, /starts with "capnp:/);
		writeFileSync(path, "\n");
		expect(() => loadCapFile(path)).toThrowError(AddressError, /empty/);
		writeFileSync(path, "capnp://insecure@h:1/a\ncapnp://insecure@h:1/b\n");
		expect(() => loadCapFile(path)).toThrowError(AddressError, /more than one/);
		writeFileSync(path, "capnp://insecure@h:1/hun+ter2");
		expect(() => loadCapFile(path)).toThrowMatching(
			(error: Error) => error.message.includes("base64url") && !error.message.includes("ter2"),
		);
	});
});

describe("the option group of a vat", () => {
	function parse(...args: string[]) {
		const command = addVatOptions(new Command())
			.exitOverride()
			.configureOutput({ writeErr() {} });
		return chosenVat(command.parse(args, { from: "user" }));
	}

	it("gives what Vat.listen wants", () => {
		expect(
			parse(
				"--capnp-listen-address",
				"tcp:0.0.0.0:7000",
				"--capnp-secret-key-file",
				"hub.pem",
				"--capnp-public-address",
				"tcp:hub:7000",
			),
		).toEqual({
			listen: "tcp:0.0.0.0:7000",
			publicAddress: "tcp:hub:7000",
			secretKey: "hub.pem",
		});
		expect(parse("--capnp-listen-address", "unix:/run/x", "--capnp-disable-tls")).toEqual({
			listen: "unix:/run/x",
			insecure: true,
		});
		expect(parse("--capnp-listen-address", "unix:/run/x", "--capnp-secret-key-file", "")).toEqual({
			listen: "unix:/run/x",
		});
		expect(parse()).toEqual({});
	});

	it("refuses what contradicts itself", () => {
		expect(() => parse("--capnp-listen-address", "tcp:h:1")).toThrowError(/secret-key-file/);
		expect(() => parse("--capnp-disable-tls", "--capnp-secret-key-file", "hub.pem")).toThrowError(/exclude each other/);
		expect(() => parse("--capnp-public-address", "tcp:h:1")).toThrowError(/listen-address/);
	});
});
