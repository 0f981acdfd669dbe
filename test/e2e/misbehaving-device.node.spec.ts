import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { seenFromInside } from "../../hosts/node/start/device-process.js";
import { HubProcess } from "../../hosts/node/start/hub-process.js";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";
import { BootedDevice } from "./booted-device.js";

const BUILD_MS = 8 * 60_000;
const SPEC_MS = 90_000;
const WATCHDOG_SECONDS = "5";

/** What it does, the line that says why it ended, and a function that the JavaScript stack must name. */
const misdeeds = [
	["throws in a callback", "exception", /^vatlet: stopped: unhandled exception$/, /^ at throwDeep\b/],
	["rejects a promise that nobody awaits", "rejection", /^vatlet: stopped: unhandled rejection$/, /nobody cares/],
	["exhausts its memory", "memory", /^vatlet: stopped: out of memory$/, /^ {4}at hoard$/],
	["overflows its stack", "stack", /^vatlet: stopped: stack overflow$/, /^ {4}at recurse$/],
	["reads through a null pointer", "null", /^trap: null pointer /, /^ {4}at strayRead$/],
	["writes to its flash", "flash", /^trap: write to read-only flash /, /^ {4}at strayWrite$/],
	["writes where nothing is", "wild", /^trap: store access fault /, /^ {4}at strayWrite$/],
	["never comes back to its event loop", "loop", /^trap: watchdog: the program did not return /, /^ {4}at spin$/],
] as const;

describe("A device that", () => {
	const suite = Cleanup.afterAll();
	const cleanup = Cleanup.afterEach();
	let built: Built;
	let uri: string;
	let device: BootedDevice;

	beforeAll(async () => {
		built = await build({
			manifest: join(packageRoot(), "test/e2e/misbehaving/manifest.json"),
			platform: "qemu",
			release: true,
		});
		const keyPath = join(suite.folder(), "hub.pem");
		const lines: string[] = [];
		const listening = new Promise<string>((resolve) => {
			const hub = new HubProcess({
				keyPath,
				listen: "tcp:127.0.0.1:0",
				onEvent: (event) => event.type === "listening" && resolve(seenFromInside(event.uri)),
				onLine: (line) => lines.push(line),
			});
			suite.defer(() => hub.stop(), "the hub's end");
		});
		uri = await within(listening, { what: "the hub's address", saw: () => lines });
	}, BUILD_MS);

	async function boot(misbehave: string, watchdog: Record<string, string>): Promise<void> {
		device = await BootedDevice.inQemu(cleanup, {
			image: built.image,
			ramBytes: 160 << 10,
			config: { hub: uri, misbehave, ...watchdog },
			storePath: join(cleanup.folder(), "store.flash"),
		});
	}

	for (const [title, misbehave, reason, frame] of misdeeds)
		it(
			`${title} says why and where, starts again, and is back with its hub`,
			async () => {
				await boot(misbehave, { watchdog: WATCHDOG_SECONDS });
				await device.line(reason);
				await device.line(/^watchdog: restarting$/);
				const report = device.lines.length;
				expect(device.lines.some((line) => frame.test(line)))
					.withContext(device.lines.join("\n"))
					.toBeTrue();
				await device.lineAfter(report, /^connected with /);
				const identities = device.lines.filter((line) => line.startsWith("this device is "));
				expect(new Set(identities).size).toBe(1);
				expect(identities.length).toBeGreaterThan(1);
			},
			SPEC_MS,
		);

	it(
		"has no watchdog ends with its report",
		async () => {
			await boot("exception", {});
			expect(await device.exited()).toBe(1);
			expect(device.lines.at(-1)).toMatch(/^ at throwDeep\b/);
		},
		SPEC_MS,
	);
});
