import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Hook, Pools } from "vatlet/runtime";
import { type CapnpUri, parseUri } from "../../src/net/address.js";
import type { Vat } from "../../src/vat/vat.js";
import { type Report, summarise } from "./bench.js";
import { createPools, createVat, Load } from "./vat/vats.js";

const ROUNDS = 5;
const ROUND_MS = 600;
const IDLE_CONNECTIONS = 200;
const CLIENTS = 2000;

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

	const before = await hub.state();
	for (let i = 0; i < IDLE_CONNECTIONS; i++) clients.push((await connect(hub, pools)).vat);
	const after = await hub.state();
	report({
		...base,
		case: "idle-connection",
		metric: "bytes",
		...summarise([(after.rssBytes - before.rssBytes) / IDLE_CONNECTIONS]),
	});

	while (clients.length < CLIENTS) clients.push((await connect(hub, pools)).vat);
	const all = await hub.state();
	if (all.peers !== CLIENTS) throw new Error(`the hub has ${all.peers} peers instead of ${CLIENTS}`);
	const probe = await connect(hub, pools);
	const latenciesMs: number[] = [];
	for (let i = 0; i < 1000; i++) {
		// One after the other from everybody: each connection was idle.
		const other = new Load(pools, clients[(i * 7) % CLIENTS]!.import(hub.uri));
		await other.run(1, 0);
		latenciesMs.push(...other.latenciesMs);
	}
	latenciesMs.sort((a, b) => a - b);
	report({
		...base,
		case: `clients-${CLIENTS}-p99`,
		metric: "ms",
		...summarise([latenciesMs[Math.floor(latenciesMs.length * 0.99)]!]),
	});
	probe.vat.close();
	for (const client of clients) client.close();
	hub.process.disconnect();
	await new Promise((resolve) => hub.process.once("exit", resolve));
}
