import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { FileStore, loadCapFile, NodeHashes, NodeIdentity, RpcError, SavedObjects, service, Vat } from "vatlet";
import { Reading, Sensor } from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { runToEnd } from "../support/command.node.js";
import { within } from "../support/waiting.js";

/** Where a secret would be seen: everything that anybody prints, throws or traces. */
class Ears {
	readonly heard: string[] = [];
	readonly hear = (...things: unknown[]): void => {
		for (const thing of things) this.heard.push(typeof thing === "string" ? thing : inspect(thing, { depth: 8 }));
	};

	/** Which of the secrets were said, in base64url, base64, hex or as if they were text, or the lines of a PEM. */
	leaks(secrets: Record<string, Uint8Array | string>): string[] {
		const all = this.heard.join("\n");
		return Object.entries(secrets)
			.filter(([, secret]) => formsOf(secret).some((form) => all.includes(form)))
			.map(([name]) => name);
	}
}

function formsOf(secret: Uint8Array | string): string[] {
	if (typeof secret === "string")
		return secret.split("\n").filter((line) => line.length > 30 && !line.startsWith("-----"));
	const bytes = Buffer.from(secret);
	const texts = [bytes.toString("latin1"), bytes.toString("utf8")];
	const quoted = texts.map((text) => JSON.stringify(text).slice(1, -1));
	return [bytes.toString("base64url"), bytes.toString("base64"), bytes.toString("hex"), ...texts, ...quoted];
}

function idOf(uri: string): Uint8Array {
	return Buffer.from(uri.slice(uri.lastIndexOf("/") + 1), "base64url");
}

describe("a run of vats", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	it("prints, throws and traces a great deal, and no key and no service id in any of it", async () => {
		const ears = new Ears();
		const keyFile = join(folder, "hub.pem");
		const store = new FileStore(join(folder, "store"));
		const objects = new SavedObjects<Reading>(store, "sensors", Reading, new NodeHashes());
		const settings = {
			trace: ears.hear,
			onPeerUp: ears.hear,
			onPeerDown: ears.hear,
			onDialFailed: ears.hear,
			onRejected: ears.hear,
		};
		const listening = Vat.listen("tcp:127.0.0.1:0", {
			...settings,
			secretKey: keyFile,
			loader: (id) => (objects.load(id) === null ? null : service(Sensor, { sample: () => ({ celsius: 1 }) })),
		});
		const hub = cleanup.closing(await listening);
		const client = cleanup.closing(await Vat.open(settings));
		const published = hub.publish("sensor", Sensor, { sample: () => ({ celsius: 2 }) });
		const generated = hub.generateId();
		objects.save(generated, { celsius: 1, uptimeMs: 2, quantity: "room" });
		const unknown = hub.generateId();
		const rejected = async (promise: Promise<unknown>) => ears.hear(await promise.catch((error: RpcError) => error));

		// What works, what is not there, what is malformed, what is not the vat that was meant.
		const sensor = client.import(published, Sensor);
		await rejected(sensor.with((lent) => lent.sample()));
		await rejected(client.import(hub.uriOf(generated), Sensor).with((lent) => lent.sample()));
		await rejected(client.import(hub.uriOf(unknown), Sensor).connect());
		await rejected(
			client.import(published.replace(/:\d+\//, ":9/").replace(/sha-256:..../, "sha-256:AAAA"), Sensor).connect(),
		);
		const other = await NodeIdentity.create();
		const stranger = published.replace(/sha-256:[^@]+/, "sha-256:" + Buffer.from(other.digest).toString("base64url"));
		await rejected(client.import(stranger, Sensor).connect());
		for (const bad of [published + "+", published.replace("capnp:", "http:"), published.replace(/:(\d+)\//, ":x/")])
			await rejected(Promise.resolve().then(() => client.import(bad, Sensor)));
		writeFileSync(join(folder, "two.cap"), `${published}\n${published}\n`);
		await rejected(Promise.resolve().then(() => loadCapFile(join(folder, "two.cap"))));
		const damaged = readFileSync(keyFile, "utf8").replace("-----END", "AAAA\n-----END");
		await rejected(NodeIdentity.fromPem(damaged, "a damaged key"));
		const identity = await NodeIdentity.load(keyFile);
		ears.hear(identity, String(identity), sensor, String(sensor), client, hub, hub.dump(), client.dump());
		for (const name of readdirSync(join(folder, "store"), { recursive: true, encoding: "utf8" })) ears.hear(name);
		await hub.close();
		await client.close();

		expect(ears.heard.length).toBeGreaterThan(30);
		const key = readFileSync(keyFile, "utf8");
		expect(ears.leaks({ key, published: idOf(published), generated })).toEqual([]);
		// They are what they are taken for: each would be noticed.
		ears.hear(key, published, Buffer.from(generated).toString("hex"));
		expect(ears.leaks({ key, published: idOf(published), generated })).toEqual(["key", "published", "generated"]);
	});

	it("of the example, its service killed and its files spoilt, says no secret either", async () => {
		const ears = new Ears();
		const example = (name: string) => fileURLToPath(new URL(`../../examples/echo/${name}.js`, import.meta.url));
		const run = (name: string, ...args: string[]) => {
			const { stdout, stderr } = runToEnd(process.execPath, [example(name), ...args], { cwd: folder });
			ears.hear(stdout, stderr);
		};
		const options = ["--capnp-listen-address", "unix:" + join(folder, "socket"), "--capnp-secret-key-file", "echo.pem"];
		const running = spawn(process.execPath, [example("service"), ...options], {
			cwd: folder,
			stdio: ["ignore", "pipe", "pipe"],
		});
		cleanup.child(running);
		const ready = new Promise((resolve) => running.stdout.once("data", resolve));
		running.stdout.on("data", (text: Buffer) => ears.hear(text.toString()));
		running.stderr.on("data", (text: Buffer) => ears.hear(text.toString()));
		await within(ready, { what: "the service's first line", saw: () => ears.heard });
		run("client", "echo.cap", "hello");
		running.kill("SIGKILL");
		await within(new Promise((resolve) => running.once("exit", resolve)), { what: "the service's end" });
		run("client", "echo.cap", "hello");
		const uri = readFileSync(join(folder, "echo.cap"), "utf8").trim();
		writeFileSync(join(folder, "spoilt.cap"), uri + "+");
		run("client", "spoilt.cap");
		run("client", "echo.pem");
		run("service", "--capnp-secret-key-file", "echo.cap");
		expect(ears.heard.join("").length).toBeGreaterThan(500);
		expect(ears.leaks({ key: readFileSync(join(folder, "echo.pem"), "utf8"), id: idOf(uri) })).toEqual([]);
	});
});
