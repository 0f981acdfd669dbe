import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildPeer } from "../interop/build-peer.js";
import { type BenchRow, type Report, summarise } from "./bench.js";

/** Odd, so that a median is one of them. */
const ROUNDS = 31;
/** Shorter than what a busy machine gives to others in one piece: whatever it does meanwhile hits neighbours in a round alike. */
const ROUND_MS = 100;
const WARM_UP_MS = 300;
/** Once, with many calls in flight: engines compile what has run often, and one call at a time runs it seldom. */
const FIRST_WARM_UP_MS = 1500;
const IN_FLIGHT = [1, 12, 64];
const here = (name: string) => fileURLToPath(new URL("rpc/" + name, import.meta.url));

interface Contender {
	impl: BenchRow["impl"];
	/** Ends the name of its cases, where one implementation runs in two ways. */
	way: string;
	program: string;
	arguments: string[];
	/** What its server takes behind `serve`. */
	place: string[];
	/** How its client takes what the server printed. */
	address(line: string): string;
}

/** A program whose lines are answers. */
class Lines {
	readonly process: ChildProcess;
	readonly #lines: AsyncIterator<string>;

	constructor(program: string, args: string[]) {
		this.process = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
		this.#lines = createInterface(this.process.stdout!)[Symbol.asyncIterator]();
	}

	async next(): Promise<string> {
		const { value, done } = await this.#lines.next();
		if (done) throw new Error(this.process.spawnargs.join(" ") + " ended");
		return value;
	}

	/** Processor time of all its threads so far. */
	get cpuNs(): number {
		const tasks = `/proc/${this.process.pid}/task/`;
		return readdirSync(tasks).reduce(
			(sum, id) => sum + Number(readFileSync(`${tasks}${id}/schedstat`, "latin1").split(" ", 1)[0]),
			0,
		);
	}

	ask(question: string): Promise<string> {
		this.process.stdin!.write(question + "\n");
		return this.next();
	}
}

/** A server and a client of one contender, connected as long as the bench goes. */
class Duel {
	readonly contender: Contender;
	/** Of each round: calls per second, and nanoseconds of both processes for a call. */
	readonly rates: number[] = [];
	readonly costs: number[] = [];
	readonly #server: Lines;
	#client: Lines | null = null;

	constructor(contender: Contender) {
		this.contender = contender;
		this.#server = new Lines(contender.program, [...contender.arguments, "serve", ...contender.place]);
	}

	async connect(): Promise<void> {
		const { program, arguments: args, address } = this.contender;
		this.#client = new Lines(program, [...args, "bench", address(await this.#server.next())]);
	}

	async warmUp(inFlight: number, ms: number): Promise<void> {
		this.rates.length = this.costs.length = 0;
		await this.#client!.ask(`${inFlight} ${ms}`);
	}

	async round(inFlight: number): Promise<void> {
		const before = this.#cpuNs;
		const startMs = performance.now();
		const rate = Number(await this.#client!.ask(`${inFlight} ${ROUND_MS}`));
		this.rates.push(rate);
		this.costs.push((this.#cpuNs - before) / ((rate * (performance.now() - startMs)) / 1000));
	}

	get #cpuNs(): number {
		return this.#server.cpuNs + this.#client!.cpuNs;
	}

	end(): void {
		this.#client?.process.kill();
		this.#server.process.kill();
	}
}

async function contenders(): Promise<Contender[]> {
	const node = (impl: BenchRow["impl"], way: string, peer: string, argument: string): Contender => ({
		impl,
		way,
		program: process.execPath,
		arguments: [here(peer), argument],
		place: [],
		address: (line) => line,
	});
	return [
		node("vatlet", "", "vatlet-peer.js", "callbacks"),
		node("vatlet", "-promises", "vatlet-peer.js", "promises"),
		{
			impl: "capnp-cpp",
			way: "",
			program: await buildPeer(),
			arguments: [],
			place: ["127.0.0.1:0"],
			address: (port) => "127.0.0.1:" + port,
		},
		node("capnweb", "", "other-peers.js", "capnweb"),
		node("grpc-js", "", "other-peers.js", "grpc-js"),
		node("socket", "", "other-peers.js", "bare-socket"),
		node("socket", "-batched", "other-peers.js", "bare-socket-batched"),
	];
}

/**
 * An echo of a short text between two processes over loopback TCP, no TLS: calls per second with 1, 12 and 64 calls in flight. All
 * contenders stay connected; they take turns in short rounds, each round begins with another one. A `ratio` is the median of how many
 * times as fast as the row's implementation the generated calls of Vatlet were in the same round. `cpuNs` is what a call takes of the
 * processors, both ends, which the machine's other work changes least.
 */
export async function run(report: Report): Promise<void> {
	const duels: Duel[] = [];
	try {
		for (const contender of await contenders()) {
			const duel = new Duel(contender);
			duels.push(duel);
			await duel.connect();
			await duel.warmUp(Math.max(...IN_FLIGHT), FIRST_WARM_UP_MS);
		}
		for (const inFlight of IN_FLIGHT) {
			for (const duel of duels) await duel.warmUp(inFlight, WARM_UP_MS);
			for (let round = 0; round < ROUNDS; round++)
				for (let i = 0; i < duels.length; i++) await duels[(round + i) % duels.length]!.round(inFlight);
			for (const duel of duels) reportDuel(report, inFlight, duel, duels[0]!.rates);
		}
	} finally {
		for (const duel of duels) duel.end();
	}
}

function reportDuel(
	report: Report,
	inFlight: number,
	{ contender, rates, costs }: Duel,
	ours: readonly number[],
): void {
	const row = {
		suite: "rpc",
		case: `echo-${inFlight}${contender.way}`,
		host: contender.impl === "capnp-cpp" ? "linux" : "node",
		impl: contender.impl,
	} as const;
	report({ ...row, metric: "calls/s", ...summarise(rates) });
	report({ ...row, metric: "cpuNs", ...summarise(costs) });
	if (ours !== rates) report({ ...row, metric: "ratio", ...summarise(rates.map((each, i) => ours[i]! / each)) });
}
