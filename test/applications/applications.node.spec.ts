import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";

const folder = join(packageRoot(), "test/applications");
const BUILD_MS = 6 * 60_000;
const sitePort = 8080;

for (const platform of ["linux", "qemu"] as const)
	describe(`Applications from their manifests, for ${platform}:`, () => {
		const cleanup = Cleanup.afterEach();

		it(
			"one with C of its own in a library",
			async () => {
				const built = await build({ manifest: join(folder, "median/manifest.json"), platform });
				const device = await BootedDevice.boot(cleanup, built, {});
				expect(await device.exited()).toBe(0);
				expect(device.lines).toEqual([
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
				const outside = await freePort();
				const ports = [{ host: outside, device: sitePort }];
				const site = await BootedDevice.boot(cleanup, built, platform === "qemu" ? { ports } : {});
				const named = Number(/on port (\d+)/.exec(await site.line(/./))?.[1]);
				const port = platform === "qemu" ? outside : named;
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
				expect(await site.exited()).toBe(0);
				expect(site.lines[0]).toMatch(/^site on port \d+, greetings from server to you$/);
				expect(site.lines.slice(1).sort()).toEqual(
					["/", "/end", "/list", "/list", "/pages/draft.html"].map((p) => `served ${p}`),
				);
			},
			BUILD_MS,
		);
	});
