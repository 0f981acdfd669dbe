import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import {
	createHash,
	createHmac,
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	webcrypto,
	type KeyObject,
} from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import type { Identity } from "../../src/ports/secure.js";
import { fileReason } from "./files.js";

/** A secret key that cannot be used; the message says why and names the file, never the key. */
export class KeyError extends Error {
	override name = "KeyError";
	/** The system's code, where it was the file. */
	override cause: string | undefined;

	constructor(message: string, cause?: string) {
		super(message);
		this.cause = cause;
	}
}

/** A vat's secret key, with what TLS needs of it. Made with `create`, `load` or `loadOrCreate`. */
export class NodeIdentity implements Identity {
	readonly digest: Uint8Array;
	/** PEM of a self-signed certificate: only its key counts, so a new one is made at each start. */
	readonly certificatePem: string;
	/** Private, so that no log of an object that has an identity shows it. */
	readonly #keyPem: string;
	readonly #deriveKey: Buffer;

	private constructor(keyPem: string, certificatePem: string, publicKey: KeyObject) {
		this.#keyPem = keyPem;
		this.certificatePem = certificatePem;
		this.digest = spkiDigest(publicKey);
		this.#deriveKey = createHash("sha256").update(keyPem, "utf8").digest();
	}

	/** PEM of the key as it stands in its file. Secret. */
	get keyPem(): string {
		return this.#keyPem;
	}

	/** A new P-256 key that is in no file: an identity for one run. */
	static create(): Promise<NodeIdentity> {
		return NodeIdentity.fromPem(newKeyPem(), "the new key");
	}

	/** P-256, P-384, RSA or Ed25519, as PKCS#8, PKCS#1 or SEC1. `what` names it in errors. */
	static async fromPem(pem: string, what: string): Promise<NodeIdentity> {
		const key = readKey(pem, what);
		const publicKey = createPublicKey(key);
		return new NodeIdentity(pem, await selfSigned(key, publicKey, what), publicKey);
	}

	static async load(path: string): Promise<NodeIdentity> {
		let pem: string;
		try {
			pem = readFileSync(path, "utf8");
		} catch (error) {
			throw fileFault("read", path, error as NodeJS.ErrnoException);
		}
		return NodeIdentity.fromPem(pem, path);
	}

	/** Makes the file when there is none. */
	static async loadOrCreate(path: string): Promise<NodeIdentity> {
		try {
			createKeyFile(path);
		} catch (error) {
			if (!(error instanceof KeyError && error.cause === "EEXIST")) throw error;
		}
		return NodeIdentity.load(path);
	}

	derive(data: Uint8Array, into: Uint8Array, offset: number): void {
		into.set(createHmac("sha256", this.#deriveKey).update(data).digest(), offset);
	}
}

/** Writes a new P-256 key to a file that must not exist, readable by its owner only from the first moment. Throws a KeyError. */
export function createKeyFile(path: string): void {
	let file: number;
	try {
		file = openSync(path, "wx", 0o600);
	} catch (error) {
		throw fileFault("make", path, error as NodeJS.ErrnoException);
	}
	try {
		writeSync(file, newKeyPem());
		fsyncSync(file);
	} catch (error) {
		// Half a key would be refused at every later start.
		unlinkSync(path);
		throw fileFault("write", path, error as NodeJS.ErrnoException);
	} finally {
		closeSync(file);
	}
}

function fileFault(verb: string, path: string, error: NodeJS.ErrnoException): KeyError {
	const { code = "" } = error;
	const why =
		code === "EEXIST"
			? "the file exists already, and keys are never overwritten"
			: fileReason(verb === "read" ? "read" : "write", error);
	return new KeyError(`cannot ${verb} the secret key ${path}: ${why}`, code);
}

/** What a vat is known by: SHA-256 over the DER SubjectPublicKeyInfo. */
export function spkiDigest(publicKey: KeyObject): Uint8Array {
	return new Uint8Array(
		createHash("sha256")
			.update(publicKey.export({ type: "spki", format: "der" }))
			.digest(),
	);
}

function newKeyPem(): string {
	return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
		type: "pkcs8",
		format: "pem",
	}) as string;
}

function readKey(pem: string, what: string): KeyObject {
	if (pem.trim() === "")
		throw new KeyError(`${what} is empty: remove it and let a new key be made, or put the old one back`);
	if (!pem.includes("-----BEGIN"))
		throw new KeyError(`${what} is no PEM file: it has no "-----BEGIN … PRIVATE KEY-----" line`);
	if (/-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/.test(pem) && !pem.includes("PRIVATE KEY"))
		throw new KeyError(`${what} holds a public key or certificate; the secret key is needed`);
	try {
		return createPrivateKey(pem);
	} catch (error) {
		if (/ENCRYPTED/.test(pem)) throw new KeyError(`${what} is protected with a passphrase, which is not supported`);
		throw new KeyError(`${what} holds no usable secret key: ${(error as Error).message}`);
	}
}

interface KeyAlgorithm {
	use: webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams | webcrypto.Algorithm;
	sign: webcrypto.EcdsaParams | webcrypto.Algorithm;
}

function algorithmOf(key: KeyObject, what: string): KeyAlgorithm {
	const curve = key.asymmetricKeyDetails?.namedCurve;
	if (key.asymmetricKeyType === "rsa") {
		const use = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
		return { use, sign: use };
	}
	if (key.asymmetricKeyType === "ed25519") return { use: { name: "Ed25519" }, sign: { name: "Ed25519" } };
	if (curve === "prime256v1")
		return { use: { name: "ECDSA", namedCurve: "P-256" }, sign: { name: "ECDSA", hash: "SHA-256" } };
	if (curve === "secp384r1")
		return { use: { name: "ECDSA", namedCurve: "P-384" }, sign: { name: "ECDSA", hash: "SHA-384" } };
	throw new KeyError(`${what} holds a ${curve ?? key.asymmetricKeyType} key: use P-256, P-384, Ed25519 or RSA`);
}

/** CN=capnp because older OCaml peers look at the name; the dates are those that nobody can object to. */
async function selfSigned(privateKey: KeyObject, publicKey: KeyObject, what: string): Promise<string> {
	const { use, sign } = algorithmOf(privateKey, what);
	const { subtle } = webcrypto;
	const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
	const spki = publicKey.export({ type: "spki", format: "der" });
	const certificate = await x509.X509CertificateGenerator.createSelfSigned(
		{
			serialNumber: "01",
			name: "CN=capnp",
			notBefore: new Date("1970-01-01T00:00:00Z"),
			notAfter: new Date("9999-12-31T23:59:59Z"),
			keys: {
				privateKey: await subtle.importKey("pkcs8", pkcs8, use, false, ["sign"]),
				publicKey: await subtle.importKey("spki", spki, use, true, ["verify"]),
			},
			signingAlgorithm: sign,
			extensions: [],
		},
		webcrypto,
	);
	return certificate.toString("pem");
}
