import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Hook, Pools } from "vatlet/runtime";
import { type CapnpUri, parseUri } from "../../src/net/address.js";
import type { Vat } from "../../src/vat/vat.js";
import { CLOSED } from "../../src/cap/exception.js";
import { type BenchRow, type Report, summarise } from "./bench.js";
import { run as runDevices } from "./vat/devices.js";
import { createPools, createVat, Load } from "./vat/vats.js";

const ROUNDS = 5;
const ROUND_MS = 600;
const CLIENTS = 2000;
/** All clients call once within this time. */
const SPREAD_MS = 4000;

interface HubState {
	peers: number;
	rssBytes: number;
}

interface Hub {
	uri: CapnpUri;
	process: ChildProcess;
	state(): Promise<HubState>;
}

function next<T>(child: ChildProcess): Promise<T> {
	return new Promise((resolve) => child.once("message", (message) => resolve(message as T)));
}

async function startHub(): Promise<Hub> {
	const child = fork(fileURLToPath(new URL("vat/hub.js", import.meta.url)), { execArgv: ["--expose-gc"] });
	const { uri } = await next<{ uri: string }>(child);
	const state = () => {
		const answer = next<HubState>(child);
		child.send("state");
		return answer;
	};
	return { uri: parseUri(uri), process: child, state };
}

/** A new client, connected: its first call has returned. */
async function connect(hub: Hub, pools: Pools): Promise<{ vat: Vat; hook: Hook; load: Load; ms: number }> {
	const vat = await createVat(pools);
	const startMs = performance.now();
	const hook = vat.import(hub.uri);
	const load = new Load(pools, hook);
	await load.run(1, 0);
	return { vat, hook, load, ms: performance.now() - startMs };
}

/** TLS between two Node processes on one machine: calls of an echo of a short text, connecting, and what connections cost. */
export async function run(report: Report): Promise<void> {
	const hub = await startHub();
	const base = { suite: "vat", host: "node", impl: "vatlet" } as const;
	const pools = createPools();
	const { vat, load } = await connect(hub, pools);
	for (const inFlight of [1, 12, 64]) {
		const samples: number[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			const startMs = performance.now();
			await load.run(inFlight, ROUND_MS);
			samples.push((load.calls * 1000) / (performance.now() - startMs));
		}
		report({ ...base, case: `tls-echo-${inFlight}`, metric: "calls/s", ...summarise(samples) });
	}
	vat.close();

	const dials: number[] = [];
	const clients: Vat[] = [];
	for (let i = 0; i < 20; i++) {
		const client = await connect(hub, pools);
		dials.push(client.ms);
		clients.push(client.vat);
	}
	report({ ...base, case: "dial-first-call", metric: "ms", ...summarise(dials) });
	report({ ...base, case: "redial-first-call", metric: "ms", ...summarise(await redials(hub, pools)) });

	// What the hub took for its first clients is there already: from here on memory goes to connections.
	while (clients.length < CLIENTS / 10) clients.push((await connect(hub, pools)).vat);
	const before = await hub.state();
	while (clients.length < CLIENTS) clients.push((await connect(hub, pools)).vat);
	const all = await hub.state();
	if (all.peers !== CLIENTS) throw new Error(`the hub has ${all.peers} peers instead of ${CLIENTS}`);
	const idleBytes = (all.rssBytes - before.rssBytes) / (all.peers - before.peers);
	report({ ...base, case: "idle-connection", metric: "bytes", ...summarise([idleBytes]) });
	report({ ...base, case: `clients-${CLIENTS}-p99`, metric: "ms", ...p99(await oneByOne(hub, pools, clients)) });
	report({ ...base, case: `clients-${CLIENTS}-at-once-p99`, metric: "ms", ...p99(await atOnce(hub, pools, clients)) });
	for (const client of clients) client.close();
	hub.process.disconnect();
	await new Promise((resolve) => hub.process.once("exit", resolve));
	await runDevices(report);
}

/** A client whose TLS session the hub remembers. */
async function redials(hub: Hub, pools: Pools): Promise<number[]> {
	const samples: number[] = [];
	const { vat, hook } = await connect(hub, pools);
	hook.release();
	for (let i = 0; i < 20; i++) {
		const [peer] = vat.peers;
		peer?.close(CLOSED);
		while (vat.peers.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
		const startMs = performance.now();
		const again = vat.import(hub.uri);
		await new Load(pools, again).run(1, 0);
		samples.push(performance.now() - startMs);
		again.release();
	}
	vat.close();
	return samples;
}

/** One call after the other from everybody: each connection was idle. */
async function oneByOne(hub: Hub, pools: Pools, clients: Vat[]): Promise<number[]> {
	const latenciesMs: number[] = [];
	for (let i = 0; i < 1000; i++) {
		const other = new Load(pools, clients[(i * 7) % CLIENTS]!.import(hub.uri));
		await other.run(1, 0);
		latenciesMs.push(...other.latenciesMs);
	}
	return latenciesMs;
}

/** Some hundred calls a second from all of them, each at a time of its own. */
async function atOnce(hub: Hub, pools: Pools, clients: Vat[]): Promise<number[]> {
	const loads = clients.map((client) => new Load(pools, client.import(hub.uri)));
	const calls = loads.map(async (load, i) => {
		await new Promise((resolve) => setTimeout(resolve, (i * 7919) % SPREAD_MS));
		await load.run(1, 0);
	});
	await Promise.all(calls);
	return loads.flatMap((load) => load.latenciesMs);
}

function p99(latenciesMs: number[]): Pick<BenchRow, "median" | "min" | "max"> {
	const sorted = [...latenciesMs].sort((a, b) => a - b);
	return summarise([sorted[Math.floor(sorted.length * 0.99)]!]);
}
