import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildPeer } from "../interop/build-peer.js";
import { type BenchRow, type Report, summarise } from "./bench.js";

const ROUNDS = 3;
const ROUND_MS = 1000;
const here = (name: string) => fileURLToPath(new URL("rpc/" + name, import.meta.url));
const run_ = promisify(execFile);

interface Contender {
	impl: BenchRow["impl"];
	/** Ends the name of its cases, where one implementation runs in two ways. */
	way?: string;
	program: string;
	arguments: string[];
	/** How its client takes the address. */
	address(port: string): string;
}

/** An echo of a short text between two processes over loopback TCP, no TLS: calls per second with 1, 12 and 64 calls in flight. Rounds of all contenders alternate. */
export async function run(report: Report): Promise<void> {
	const contenders: Contender[] = [
		{ impl: "vatlet", program: process.execPath, arguments: [here("vatlet-peer.js")], address: (port) => port },
		{ impl: "capnp-cpp", program: await buildPeer(), arguments: [], address: (port) => "127.0.0.1:" + port },
	];
	const others: [BenchRow["impl"], string, string][] = [
		["capnweb", "capnweb", ""],
		["grpc-js", "grpc-js", ""],
		["socket", "bare-socket", ""],
		["socket", "bare-socket-batched", "-batched"],
	];
	for (const [impl, peer, way] of others)
		contenders.push({
			impl,
			way,
			program: process.execPath,
			arguments: [here("other-peers.js"), peer],
			address: (port) => port,
		});
	const servers: ChildProcess[] = [];
	try {
		const ports: string[] = [];
		for (const { program, arguments: args } of contenders) {
			const cpp = args.length === 0;
			const server = spawn(program, [...args, "serve", ...(cpp ? ["127.0.0.1:0"] : [])], {
				stdio: ["ignore", "pipe", "inherit"],
			});
			servers.push(server);
			const [line] = (await once(server.stdout!, "data")) as [Buffer];
			ports.push(line.toString().trim());
		}
		for (const inFlight of [1, 12, 64]) {
			const samples: number[][] = contenders.map(() => []);
			for (let round = 0; round < ROUNDS; round++)
				for (const [i, { program, arguments: args, address }] of contenders.entries()) {
					const { stdout } = await run_(program, [
						...args,
						"bench",
						address(ports[i]!),
						String(inFlight),
						String(ROUND_MS),
					]);
					samples[i]!.push(Number(stdout));
				}
			for (const [i, { impl, way }] of contenders.entries())
				report({
					suite: "rpc",
					case: "echo-" + inFlight + (way ?? ""),
					host: impl === "capnp-cpp" ? "linux" : "node",
					impl,
					metric: "calls/s",
					...summarise(samples[i]!),
				});
		}
	} finally {
		for (const server of servers) server.kill();
	}
}
