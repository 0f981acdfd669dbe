import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKeyFile, KeyError, NodeIdentity } from "../../hosts/node/identity.js";
import { digestText } from "../../src/net/identity.js";
import { derivedId } from "../../src/vat/service-id.js";
import { Cleanup } from "../support/cleanup.node.js";
import { type CommandResult, runToEnd } from "../support/command.node.js";

const command = fileURLToPath(new URL("../../hosts/node/cli/main.js", import.meta.url));

function openssl(input: string, ...args: string[]): string {
	const stdio: ["pipe", "pipe", "ignore"] = ["pipe", "pipe", "ignore"];
	return execFileSync("openssl", args, { input, encoding: "utf8", stdio, timeout: 60_000 });
}

/** A key of each kind in each container that people have them in, as openssl writes it. */
function containers(): Map<string, string> {
	const pems = new Map<string, string>();
	for (const [kind, ...options] of [
		["P-256", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
		["P-384", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
		["RSA", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
		["Ed25519", "ED25519"],
	]) {
		const pkcs8 = openssl("", "genpkey", "-algorithm", ...options);
		pems.set(`${kind} PKCS#8`, pkcs8);
		if (kind === "Ed25519") continue;
		pems.set(`${kind} ${kind === "RSA" ? "PKCS#1" : "SEC1"}`, openssl(pkcs8, "pkey", "-traditional"));
	}
	pems.set("P-256 with its parameters before it", openssl("", "ecparam", "-name", "prime256v1", "-genkey"));
	pems.set("P-256 with text round it", "my key\n" + pems.get("P-256 PKCS#8")! + "\n# end\n");
	return pems;
}

describe("a secret key file", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	let path: string;
	beforeEach(() => {
		folder = cleanup.folder();
		path = join(folder, "key.pem");
	});

	function vatlet(...args: string[]): CommandResult {
		return runToEnd(process.execPath, [command, ...args], { cwd: folder });
	}

	for (const [name, pem] of containers()) {
		it(`is read as ${name}, with the digest that openssl computes`, async () => {
			writeFileSync(path, pem);
			const { digest } = await NodeIdentity.load(path);
			const spki = execFileSync("openssl", ["pkey", "-pubout", "-outform", "DER"], { input: pem, timeout: 60_000 });
			expect(Buffer.from(digest).equals(createHash("sha256").update(spki).digest())).toBeTrue();
		});
	}

	it("derives ids from its exact text: the same key written otherwise has others", async () => {
		const pkcs8 = openssl("", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
		const sec1 = openssl(pkcs8, "pkey", "-traditional");
		const ids: string[] = [];
		for (const pem of [pkcs8, sec1]) {
			const identity = await NodeIdentity.fromPem(pem, "a key");
			const key = createHash("sha256").update(pem).digest();
			const id = Buffer.from(derivedId(identity, "main")).toString("hex");
			expect(id).toBe(createHmac("sha256", key).update("main").digest("hex"));
			ids.push(id);
		}
		expect(ids[0]).not.toBe(ids[1]!);
	});

	const pkcs8 = openssl("", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
	const sec1 = openssl(pkcs8, "pkey", "-traditional");
	const broken = pkcs8
		.split("\n")
		.filter((_, line) => line !== 1)
		.join("\n");
	for (const [name, pem, message] of [
		["locked as PKCS#8", openssl(pkcs8, "pkcs8", "-topk8", "-passout", "pass:hunter2"), /protected with a passphrase/],
		["locked as SEC1", openssl(sec1, "ec", "-aes128", "-passout", "pass:hunter2"), /protected with a passphrase/],
		[
			"of a curve that TLS peers lack",
			openssl("", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"),
			/secp256k1 key: use P-256, P-384, Ed25519 or RSA/,
		],
		["that cannot sign", openssl("", "genpkey", "-algorithm", "X25519"), /x25519 key: use/],
		["without a part of it", broken, /no usable secret key/],
		["that is a public key", openssl(pkcs8, "pkey", "-pubout"), /holds a public key/],
		["that is empty", "", /empty/],
		["that is DER", "0\u0081\u0087\u0002\u0001", /no PEM file/],
	] as const) {
		it(`${name} is refused with the reason, its name and nothing of its content`, async () => {
			writeFileSync(path, pem);
			const error = await NodeIdentity.load(path).then(
				() => null,
				(reason: Error) => reason,
			);
			expect(error).toBeInstanceOf(KeyError);
			expect(error!.message).toMatch(message);
			expect(error!.message).toContain(path);
			for (const line of pem.split("\n")) if (line.length > 20) expect(error!.message).not.toContain(line.slice(0, 20));
		});
	}

	it("that cannot be made or read says why", async () => {
		const nowhere = join(folder, "absent/key.pem");
		expect(() => createKeyFile(nowhere)).toThrowError(KeyError, /its folder does not exist/);
		await expectAsync(NodeIdentity.loadOrCreate(nowhere)).toBeRejectedWithError(KeyError, /its folder does not exist/);
		mkdirSync(join(folder, "folder"));
		await expectAsync(NodeIdentity.load(join(folder, "folder"))).toBeRejectedWithError(KeyError, /it is a folder/);
	});

	it("is made, named and used by the command line", async () => {
		const made = vatlet("keygen", "cli.pem");
		expect(made.status).toBe(0);
		expect(statSync(join(folder, "cli.pem")).mode & 0o777).toBe(0o600);
		const identity = await NodeIdentity.load(join(folder, "cli.pem"));
		expect(made.stdout.trim()).toBe(digestText(identity.digest));
		expect(vatlet("id", "cli.pem").stdout).toBe(made.stdout);
		const uri = vatlet("uri", "cli.pem", "registry", "--address", "tcp:hub.example:7000").stdout.trim();
		const id = Buffer.from(derivedId(identity, "registry")).toString("base64url");
		expect(uri).toBe(`capnp://${digestText(identity.digest)}@hub.example:7000/${id}`);
		expect(readFileSync(join(folder, "cli.pem"), "utf8")).not.toContain(id);

		const again = vatlet("keygen", "cli.pem");
		expect([again.status, again.stdout]).toEqual([1, ""]);
		expect(again.stderr).toContain("never overwritten");
		expect(vatlet("id", "absent.pem").stderr).toContain("no such file");
		expect(vatlet("uri", "cli.pem", "registry", "--address", "hub:7000").stderr).toContain("no listen address");
		expect(vatlet("uri", "cli.pem", "registry").status).toBe(2);
	}, 60_000);
});
