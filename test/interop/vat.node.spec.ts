import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { type Call, type Exception, Pools } from "vatlet/runtime";
import { NodeClock } from "../../hosts/node/clock.js";
import { NodeHashes } from "../../hosts/node/entropy.js";
import { NodeNetwork } from "../../hosts/node/net.js";
import { parseListen } from "../../src/net/address.js";
import { Tracer } from "../../src/net/tracer.js";
import type { Endpoint } from "../../src/ports/network.js";
import { TableRestorer } from "../../src/vat/restorer.js";
import { publicId } from "../../src/vat/service-id.js";
import { Vat } from "../../src/vat/vat.js";
import { buildPeer } from "./build-peer.js";
import { send } from "./peer-call.js";
import { Counters, Method, PeerServer } from "./peer-server.js";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes its time over `settle`. */
class SlowServer extends PeerServer {
	override dispatch(call: Call, high: number, low: number, method: number): number {
		if (method !== Method.SETTLE) return super.dispatch(call, high, low, method);
		setTimeout(() => call.done(), 500);
		return 0;
	}
}

/** A Bootstrap with question id 0 and these words of object id pointer and what it points to, in hexadecimal. */
function bootstrapBytes(objectId: string): Buffer {
	const body = "0000000001000100" + "0800000000000000" + "0000000001000100" + "0000000000000000" + objectId;
	const header = Buffer.alloc(8);
	header.writeUInt32LE(body.length / 16, 4);
	return Buffer.concat([header, Buffer.from(body, "hex")]);
}

describe("a vat and a peer in C++", () => {
	let program = "";
	const cleanup = Cleanup.afterEach();
	let folder: string;
	const lines: string[] = [];
	const pools = new Pools({ guarded: true });
	const restorer = new TableRestorer(new NodeHashes());
	let vat: Vat;
	let bound: (endpoint: Endpoint) => void = () => {};
	let closed: () => void = () => {};

	beforeAll(async () => {
		program = await buildPeer();
	}, 240_000);
	beforeEach(() => {
		folder = cleanup.folder();
		lines.length = 0;
		vat = new Vat({
			network: new NodeNetwork(),
			clock: new NodeClock(),
			pools,
			identity: null,
			restorer,
			// It is soon asked whether it still lives.
			keepalive: { idleMs: 40, answerMs: 20_000 },
			observer: { listening: (endpoint) => bound(endpoint), closed: () => closed() },
			trace: (name) => new Tracer(name, (line) => lines.push(line)),
		});
	});
	afterEach(async () => {
		restorer.clear();
		const gone = new Promise<void>((resolve) => (closed = resolve));
		vat.close();
		await within(gone, { what: "the vat's end", saw: () => lines });
		expect(pools.calls.used).toBe(0);
	});

	/** The program in C++, once it serves. */
	async function serving(address: string): Promise<string> {
		const child: ChildProcess = spawn(program, ["serve", address], { stdio: ["ignore", "pipe", "ignore"] });
		cleanup.child(child);
		const [port] = (await within(once(child.stdout!, "data"), { what: "the port of the C++ peer" })) as [Buffer];
		return port.toString().trim();
	}

	const probesAnswered = () => lines.filter((line) => line.endsWith("→ unimplemented (probe)")).length;

	for (const unix of [false, true]) {
		const where = unix ? "a Unix socket" : "TCP";

		it(`find what it serves without a name and under one, and probes do no harm, over ${where}`, async () => {
			const address = unix ? "unix:" + join(folder, "theirs") : "127.0.0.1:0";
			const port = await serving(address);
			const endpoint = parseListen(unix ? address : "tcp:127.0.0.1:" + port);
			for (const name of ["", "named"]) {
				const hook = vat.import({ endpoint, digest: null, id: publicId(name) });
				const asked = lines.length;
				for (const text of ["one", "two"]) {
					const sent = send(pools, hook, Method.ECHO, (params) => params.putText(0, text));
					expect(await sent.text).toBe(text);
					sent.call.release();
					await turn(300);
				}
				expect(lines.slice(asked).filter((line) => line.includes("bootstrap"))).toEqual([
					jasmine.stringMatching(name === "" ? /← bootstrap #0$/ : /← bootstrap #0 by an id$/),
				]);
				hook.release();
			}
			// Once for each connection: the next look is after the time for an answer.
			expect(probesAnswered()).toBe(2);
			const hook = vat.import({ endpoint, digest: null, id: publicId("nobody") });
			const refused = send(pools, hook, Method.ECHO);
			const error = (await refused.done.catch((reason: unknown) => reason)) as Exception;
			expect(error.reason).toContain("no such capability");
			refused.call.release();
			hook.release();
		});

		it(`is found by it without a name and under one, and probes do no harm, over ${where}`, async () => {
			const listening = new Promise<Endpoint>((resolve) => (bound = resolve));
			vat.listen(parseListen(unix ? "unix:" + join(folder, "ours") : "tcp:127.0.0.1:0"));
			const endpoint = await listening;
			const address = endpoint.kind === "tcp" ? `127.0.0.1:${endpoint.port}` : "unix:" + join(folder, "ours");
			restorer.add(publicId("named"), new SlowServer(pools, new Counters()).hook);
			const run = async (id: string) => {
				const child: ChildProcess = spawn(program, ["named", address, id], { stdio: ["ignore", "pipe", "pipe"] });
				cleanup.child(child);
				const said = { out: "", err: "" };
				child.stdout!.on("data", (bytes: Buffer) => (said.out += bytes.toString()));
				child.stderr!.on("data", (bytes: Buffer) => (said.err += bytes.toString()));
				await within(once(child, "close"), { what: "the end of the C++ peer", saw: () => said });
				return said;
			};
			expect((await run("named")).out).toBe("first\nsecond\n");
			expect(lines.filter((line) => line.includes("bootstrap"))).toEqual([
				jasmine.stringMatching(/→ bootstrap #\d+ by an id$/),
			]);
			expect(probesAnswered()).toBe(1);
			expect((await run("nobody")).err).toContain("Unknown persistent service ID");
		});
	}

	it("takes a null object id and a name as we write them, and no empty name", async () => {
		const port = Number(await serving("127.0.0.1:0"));
		const answerTo = async (bytes: Buffer) => {
			const socket = cleanup.socket(connect(port, "127.0.0.1"));
			socket.write(bytes);
			const [answer] = (await within(once(socket, "data"), { what: "an answer" })) as [Buffer];
			socket.destroy();
			// Header, root pointer, Message (3: return), its pointer, Return: answer id, then which.
			expect(answer.readUInt16LE(16)).toBe(3);
			return answer.readUInt16LE(38);
		};
		expect(await answerTo(bootstrapBytes("0000000000000000"))).toBe(0);
		expect(await answerTo(bootstrapBytes("0100000032000000" + "6e616d6564000000"))).toBe(0);
		expect(await answerTo(bootstrapBytes("010000000a000000" + "0000000000000000"))).toBe(1);
	});
});
