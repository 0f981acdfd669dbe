import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Cleanup } from "./cleanup.node.js";
import { runToEnd } from "./command.node.js";
import { until, within } from "./waiting.js";

const here = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

describe("what specs start", () => {
	const cleanup = Cleanup.afterEach();

	it("ends in the reverse order, each though another throws or hangs, and what did not is told", async () => {
		const log: string[] = [];
		const own = new Cleanup(50);
		own.defer(() => void log.push("first"));
		own.defer(() => new Promise(() => {}), "what hangs");
		own.defer(() => {
			throw new Error("broken");
		});
		own.defer(async () => void log.push("last"));
		await expectAsync(own.end()).toBeRejectedWithError("not everything ended: broken; waited 0.05 s for what hangs");
		expect(log).toEqual(["last", "first"]);
		await own.end();
		expect(log.length).toBe(2);
	});

	it("ends, too, with a spec that fails or runs out of time, and what a device had printed is told", () => {
		const folder = cleanup.folder();
		const spec = join(folder, "bad.spec.mjs");
		writeFileSync(
			spec,
			`import { spawn } from "node:child_process";
			import { writeFileSync } from "node:fs";
			import { createServer } from "node:net";
			import { Cleanup, tellIfFailed } from ${here("cleanup.node.js")};
			describe("a bad spec", () => {
				const cleanup = Cleanup.afterEach();
				for (const hangs of [false, true])
					it(hangs ? "hangs" : "fails", async () => {
						const child = cleanup.child(spawn("sleep", ["1000"]));
						const server = cleanup.server(createServer());
						await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
						writeFileSync(${JSON.stringify(folder)} + (hangs ? "/hangs" : "/fails"), child.pid + " " + cleanup.folder());
						tellIfFailed("a device", ["this and that"]);
						if (hangs) await new Promise(() => {});
						throw new Error("failed");
					}, 300);
			});`,
		);
		const jasmine = fileURLToPath(new URL("../../../../node_modules/jasmine/bin/jasmine.js", import.meta.url));
		const { status, stdout } = runToEnd(process.execPath, [jasmine, spec], { cwd: folder, timeout: 60_000 });
		expect(status).toBe(3);
		expect(stdout).toContain("2 specs, 2 failures");
		for (const name of ["fails", "hangs"]) {
			const [pid, made] = readFileSync(join(folder, name), "utf8").split(" ");
			expect(existsSync(`/proc/${pid}`)).toBeFalse();
			expect(existsSync(made!)).toBeFalse();
			expect(stdout).toContain(`a bad spec ${name}: a device said\nthis and that`);
		}
	});
});

describe("a wait", () => {
	it("ends with what was waited for", async () => {
		let looks = 0;
		await until(() => ++looks === 3);
		expect(await within(Promise.resolve(7), { what: "seven" })).toBe(7);
		await expectAsync(within(Promise.reject(new Error("no")), { what: "seven" })).toBeRejectedWithError("no");
	});

	it("says at its limit what it waited for and what there was", async () => {
		const lines = ["one", "two"];
		await expectAsync(until(() => lines.length > 2, { limitMs: 20, saw: () => lines })).toBeRejectedWithError(
			"waited 0.02 s for () => lines.length > 2; there was:\none\ntwo",
		);
		await expectAsync(
			within(new Promise(() => {}), { what: "godot", limitMs: 20, saw: () => ({ trees: 1 }) }),
		).toBeRejectedWithError('waited 0.02 s for godot; there was:\n{"trees":1}');
	});
});
