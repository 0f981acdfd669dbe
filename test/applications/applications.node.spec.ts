import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { runLinux } from "../../hosts/node/run/linux.js";
import { runQemu } from "../../hosts/node/run/qemu.js";
import { freePort } from "../support/free-port.node.js";

const folder = join(packageRoot(), "test/applications");
const BUILD_MS = 10 * 60_000;
const sitePort = 8080;

interface Running {
	lines: string[];
	/** Of this machine, for the port that the application names in its first line. */
	port: Promise<number>;
	exited: Promise<number>;
	kill(): void;
}

async function run(platform: "linux" | "qemu", built: Built): Promise<Running> {
	const lines: string[] = [];
	let began = (_port: number): void => {};
	const named = new Promise<number>((resolve) => (began = resolve));
	const onLine = (line: string): void => {
		if (lines.push(line) === 1) began(Number(/on port (\d+)/.exec(line)?.[1]));
	};
	if (platform === "linux") return { lines, port: named, ...runLinux({ executable: built.executable, onLine }) };
	const port = await freePort();
	const machine = await runQemu({ image: built.image, onLine, ports: [{ host: port, device: sitePort }] });
	return { lines, port: named.then(() => port), exited: machine.exited, kill: () => machine.kill() };
}

for (const platform of ["linux", "qemu"] as const)
	describe(`Applications from their manifests, for ${platform}:`, () => {
		it(
			"one with C of its own in a library",
			async () => {
				const built = await build({ manifest: join(folder, "median/manifest.json"), platform });
				const { exited, lines } = await run(platform, built);
				expect(await exited).toBe(0);
				expect(lines).toEqual([
					`20000 20100 20100 20100 20075 20075 20060 mK in ${platform === "linux" ? "a process" : "bare"}`,
					"RangeError: a median is of an odd count, at most 15",
					"5000 made",
				]);
			},
			BUILD_MS,
		);

		it(
			"one of nested manifests that serves its data over TCP, larger than any buffer",
			async () => {
				const built = await build({ manifest: join(folder, "site/manifest.json"), platform });
				const site = await run(platform, built);
				try {
					const port = await site.port;
					const get = (path: string): Promise<Response> =>
						fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(30_000) });
					const text = async (path: string): Promise<string> => (await get(path)).text();
					const page = (name: string): string => readFileSync(join(folder, "site/pages", name), "utf8");
					expect(await text("/")).toBe(page("index.html"));
					const lists = await Promise.all([text("/list"), text("/list")]);
					expect(lists).toEqual([page("list.txt"), page("list.txt")]);
					const missing = await get("/pages/draft.html");
					expect([missing.status, await missing.text()]).toEqual([404, "There is no such page."]);
					// The machine is switched off behind its last answer, which may not get out of it any more.
					await text("/end").catch(() => null);
					expect(await site.exited).toBe(0);
				} finally {
					site.kill();
				}
				expect(site.lines[0]).toMatch(/^site on port \d+, greetings from server to you$/);
				expect(site.lines.slice(1).sort()).toEqual(
					["/", "/end", "/list", "/list", "/pages/draft.html"].map((p) => `served ${p}`),
				);
			},
			BUILD_MS,
		);
	});
