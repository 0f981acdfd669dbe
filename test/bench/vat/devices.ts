import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../../hosts/node/build/build.js";
import { echoServer, type Program, startOnLinux, startOnQemu } from "../../hosts/xs-tls/program.node.js";
import { makeCredentials } from "../../modules/tls/peer.node.js";
import { type BenchRow, type Report, summarise } from "../bench.js";
import type { AddressInfo } from "node:net";

const manifest = fileURLToPath(new URL("../../../../../test/hosts/xs-tls/manifest.json", import.meta.url));
const BOOTS = 5;
const DIALS = 3;

/** A device that dials a Node hub over TLS: the first dial, the same again when the session is known, what an idle connection holds. */
export async function run(report: Report): Promise<void> {
	const credentials = makeCredentials();
	const server = echoServer(credentials);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	for (const host of ["linux", "qemu"] as const) {
		const folder = mkdtempSync(join(tmpdir(), "vatlet-bench-"));
		const built = await build({ manifest, platform: host });
		const config = { port, digest: credentials.digest, rounds: 40, dials: DIALS, timeout: 20_000 };
		const store = join(folder, "store");
		const start = (): Promise<Program> | Program =>
			host === "linux"
				? startOnLinux(built.executable, store, config)
				: startOnQemu({ ...config, host: "10.0.2.2" }, { image: built.image, storePath: store });
		await measure(start, { suite: "vat", host, impl: "vatlet" }, report);
		rmSync(folder, { recursive: true });
	}
	server.close();
}

async function measure(
	start: () => Promise<Program> | Program,
	base: Pick<BenchRow, "suite" | "host" | "impl">,
	report: Report,
): Promise<void> {
	const [first, again, echo, idle]: [number[], number[], number[], number[]] = [[], [], [], []];
	for (let boot = 0; boot < BOOTS; boot++) {
		const program = await start();
		const { ramFree: before } = await program.next("identity");
		for (let dial = 0; dial < DIALS; dial++) {
			const { milliseconds, resumed, ramFree } = await program.next("dialled");
			(resumed ? again : first).push(milliseconds!);
			idle.push(before! - ramFree!);
			echo.push((await program.next("done")).microseconds! / 1000);
			await program.next("closed");
		}
		await program.end();
	}
	report({ ...base, case: "dial", metric: "ms", ...summarise(first) });
	report({ ...base, case: "redial", metric: "ms", ...summarise(again) });
	report({ ...base, case: "tls-echo-round-trip", metric: "ms", ...summarise(echo) });
	// What Linux has free is not this process's alone.
	if (base.host === "qemu") report({ ...base, case: "idle-connection", metric: "bytes", ...summarise(idle) });
}
