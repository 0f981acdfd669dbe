import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { within } from "../../support/waiting.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../../../..");
const modules = join(root, "modules/mbedtls");
const parts = ["tls-engine", "tls-identity", "tls-resumption", "tls-session-cache", "tls-error"];
const sources = parts.map((name) => join(modules, `${name}.c`));
const driver = join(root, "test/modules/tls/tls-peer.c");

/** One line that the engine's driver printed. */
export interface PeerEvent {
	event: "identity" | "derived" | "listening" | "open" | "end" | "refused" | "later";
	digest?: string;
	id?: string;
	peer?: string;
	resumed?: boolean;
	suite?: string;
	microseconds?: number;
	heap?: number;
	peak?: number;
	code?: number;
	message?: string;
	bytes?: number;
	allocations?: number;
}

/** Compiles the driver with the machine's mbedTLS, once per change of its sources; returns the program's path. */
export function buildPeer(): string {
	const folder = join(root, "build/test-tls");
	const program = join(folder, "tls-peer");
	const inputs = [...sources, driver, ...[...parts, "tls-port"].map((name) => join(modules, `${name}.h`))];
	const newest = Math.max(...inputs.map((path) => statSync(path).mtimeMs));
	if (existsSync(program) && statSync(program).mtimeMs > newest) return program;
	mkdirSync(folder, { recursive: true });
	const libraries = ["-lmbedtls", "-lmbedx509", "-lmbedcrypto"];
	const warnings = ["-std=gnu11", "-Wall", "-Wextra", "-Werror"];
	execFileSync("gcc", [...warnings, "-O2", `-I${modules}`, driver, ...sources, ...libraries, "-o", program], {
		stdio: "pipe",
		timeout: 120_000,
	});
	return program;
}

/** The engine in a process of its own; `wire` is its ciphertext, for Node's TLS or a spec to speak to. */
export class Peer {
	readonly process: ChildProcess;
	readonly wire: Duplex;
	readonly exited: Promise<void>;
	/** All that it printed. */
	readonly lines: string[] = [];
	readonly #events: PeerEvent[] = [];
	#wake: (() => void) | null = null;
	#ended = false;

	constructor(program: string, role: "client" | "server", options: Record<string, string | number> = {}) {
		const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
		const child = spawn(program, [role, ...words], { stdio: "pipe" });
		this.process = child;
		child.stdin.on("error", () => {});
		this.wire = Duplex.from({ readable: child.stdout, writable: child.stdin });
		this.wire.on("error", () => {});
		const lines = createInterface(child.stderr);
		lines.on("line", (line) => {
			this.lines.push(line);
			this.#events.push(JSON.parse(line) as PeerEvent);
			this.#wake?.();
		});
		this.exited = new Promise((resolve) =>
			lines.on("close", () => {
				this.#ended = true;
				this.#wake?.();
				resolve();
			}),
		);
	}

	/** Waits for the next line of this name; a peer that ends without it is an error. */
	next(name: PeerEvent["event"]): Promise<PeerEvent> {
		return within(this.#next(name), { what: `a line about "${name}"`, saw: () => this.lines });
	}

	async #next(name: PeerEvent["event"]): Promise<PeerEvent> {
		for (;;) {
			const event = this.#events.shift();
			if (event?.event === name) return event;
			if (event) continue;
			if (this.#ended) throw new Error(`the peer ended without "${name}"`);
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}

	kill(): void {
		this.process.kill("SIGKILL");
	}
}

/** A key and self-signed certificate as PEM, and the digest of the key. */
export interface Credentials {
	key: string;
	cert: string;
	digest: string;
}

export function makeCredentials(algorithm: string[] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]): Credentials {
	const folder = mkdtempSync(join(tmpdir(), "vatlet-"));
	const keyPath = join(folder, "key.pem");
	const certPath = join(folder, "cert.pem");
	const request = ["req", "-x509", "-newkey", ...algorithm, "-nodes", "-subj", "/CN=capnp", "-days", "36500"];
	execFileSync("openssl", [...request, "-keyout", keyPath, "-out", certPath], { stdio: "pipe", timeout: 60_000 });
	const cert = readFileSync(certPath, "utf8");
	const key = readFileSync(keyPath, "utf8");
	rmSync(folder, { recursive: true });
	return { key, cert, digest: keyDigest(new X509Certificate(cert)) };
}

export function keyDigest(certificate: X509Certificate): string {
	return createHash("sha256")
		.update(certificate.publicKey.export({ type: "spki", format: "der" }))
		.digest("hex");
}
