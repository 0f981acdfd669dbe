import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { Vat } from "vatlet";
import { Registry } from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { Bench } from "./booted-device.js";

const BUILD_MS = 8 * 60_000;
const SPEC_MS = 90_000;
const otherDigest = "sha-256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** As the device sees it: in QEMU's user network the host's loopback is 10.0.2.2. */
function seenBy(bench: Bench, uri: string): string {
	return bench.built.platform === "linux" ? uri : uri.replace("127.0.0.1", "10.0.2.2");
}

for (const platform of ["linux", "qemu"] as const) {
	describe(`a device on ${platform}`, () => {
		const suite = Cleanup.afterAll();
		const cleanup = Cleanup.afterEach();
		let bench: Bench;
		beforeAll(async () => void (bench = await Bench.of(platform, suite)), BUILD_MS);

		it(
			"says so when nobody listens, and goes on dialling",
			async () => {
				const device = await bench.boot(
					cleanup,
					seenBy(bench, `capnp://${otherDigest}@127.0.0.1:${await freePort()}/AA`),
				);
				expect(await device.line(/^hub away: /)).toMatch(/nobody listens at .*dialling again in \d+ ms/);
			},
			SPEC_MS,
		);

		it(
			"says so when the peer speaks plaintext",
			async () => {
				const server = cleanup.server(
					createServer((socket) => socket.on("error", () => {}).write("220 mail.example ready\r\n")),
				);
				server.listen(0, "127.0.0.1");
				await new Promise((resolve) => server.once("listening", resolve));
				const { port } = server.address() as AddressInfo;
				const device = await bench.boot(cleanup, seenBy(bench, `capnp://${otherDigest}@127.0.0.1:${port}/AA`));
				expect(await device.line(/^hub away: /)).toMatch(/plaintext/);
			},
			SPEC_MS,
		);

		it(
			"does not talk to a hub with another key, and the hub serves others meanwhile",
			async () => {
				const vat = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0"));
				const labels: string[] = [];
				const registry = {
					register: ({ label }: { label: string }) => {
						labels.push(label);
						return { registration: {} };
					},
				};
				const uri = seenBy(bench, vat.publish("registry", Registry, registry));
				const wrong = await bench.boot(cleanup, uri.replace(/sha-256:[^@]+/, otherDigest));
				expect(await wrong.line(/^hub away: /)).toMatch(/sha-256:/);
				await wrong.kill();
				expect(labels).toEqual([]);
				const right = await bench.boot(cleanup, uri);
				await right.line(/^registered with the hub/);
				expect(labels).toEqual(["kitchen"]);
			},
			SPEC_MS,
		);

		it(
			"refuses to start without a URI that makes sense, and says what is wrong with it",
			async () => {
				const device = await bench.boot(cleanup, "http://example.org/");
				expect(await device.exited()).not.toBe(0);
				expect(device.lines.join("\n")).toContain('a vat\'s address starts with "capnp://"');
			},
			SPEC_MS,
		);

		it(
			"refuses to start with a damaged store, and has a new identity after a reset",
			async () => {
				const uri = seenBy(bench, `capnp://${otherDigest}@127.0.0.1:${await freePort()}/AA`);
				const first = await bench.boot(cleanup, uri, { resetStore: true });
				const identity = await first.line(/^this device is /);
				await first.kill();
				damage(bench.storePath, platform);
				const damaged = await bench.boot(cleanup, uri);
				expect(await damaged.exited()).not.toBe(0);
				expect(damaged.lines.join("\n")).toMatch(/store|identity/);
				const reset = await bench.boot(cleanup, uri, { resetStore: true });
				expect(await reset.line(/^this device is /)).not.toBe(identity);
			},
			SPEC_MS,
		);

		if (platform === "qemu")
			it(
				"refuses to start without a source of randomness",
				async () => {
					const device = await bench.boot(cleanup, `capnp://${otherDigest}@10.0.2.2:1/AA`, {
						without: ["entropy"],
						resetStore: true,
					});
					expect(await device.exited()).not.toBe(0);
					expect(device.lines.join("\n")).toMatch(/random/);
				},
				SPEC_MS,
			);
	});
}

/** Flips bits in the middle of the record that holds the key. */
function damage(path: string, platform: "linux" | "qemu"): void {
	const file = platform === "linux" ? largestFile(path) : path;
	const bytes = readFileSync(file);
	const from = platform === "linux" ? bytes.length >> 1 : recordBegin(bytes);
	for (let i = 0; i < 4; i++) bytes[from + i] = ~(bytes[from + i] as number);
	writeFileSync(file, bytes);
}

function largestFile(folder: string): string {
	const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
	const files = paths.filter((path) => statSync(path).isFile());
	return files.sort((a, b) => statSync(b).size - statSync(a).size)[0] as string;
}

/** Some bytes into what was last written behind the first sector, which holds the boot configuration. */
function recordBegin(bytes: Buffer): number {
	const sectorBytes = 256 << 10;
	for (let i = bytes.length - 1; i >= sectorBytes; i--) if (bytes[i] !== 0xff && bytes[i] !== 0) return i - 40;
	throw new Error("the store holds nothing");
}
