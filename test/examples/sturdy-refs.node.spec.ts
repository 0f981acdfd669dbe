import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { main } from "../../examples/saved-store/main.js";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";

function example(path: string): string {
	return fileURLToPath(new URL("../../examples/" + path, import.meta.url));
}

describe("the example sturdy-ref", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	beforeEach(() => void (folder = cleanup.folder()));

	/** Runs a script of the example; lines come one after the other. */
	function run(script: string, ...args: string[]) {
		const child = spawn(process.execPath, [example("sturdy-ref/" + script), ...args], {
			cwd: folder,
			stdio: ["ignore", "pipe", "inherit"],
		});
		cleanup.child(child);
		const exited = new Promise((resolve) => child.once("exit", resolve));
		const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
		return {
			child,
			line: async () => (await within(lines.next(), { what: `a line of ${script}` })).value as string,
			exit: () => within(exited, { what: `the end of ${script}` }),
		};
	}

	it("writes through a reference in a file, before and after the service restarts", async () => {
		// A fixed path instead of a port: the reference names it.
		const options = ["--capnp-listen-address", `unix:${folder}/socket`, "--capnp-secret-key-file", "logger.pem"];
		for (const round of ["first", "second"]) {
			const service = run("service.js", ...options);
			expect(await service.line()).toContain("whoever can read logger.cap");
			const client = run("client.js", "logger.cap", round);
			expect(await service.line()).toBe(`[service/client] ${round}`);
			expect(await client.exit()).toBe(0);
			service.child.kill("SIGKILL");
			await service.exit();
		}
	});
});

describe("the example saved-store", () => {
	it("tells its story", async () => {
		const lines: string[] = [];
		await main((line) => lines.push(line));
		expect(lines[0]).toBe("saved; the service stops");
		expect(lines).toContain("the service starts again");
		expect(lines.at(-1)).toBe("[root/kitchen] still here");
	});
});
