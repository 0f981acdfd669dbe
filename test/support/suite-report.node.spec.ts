import { spawn } from "node:child_process";
import { eachLine } from "../../hosts/node/run/lines.js";
import { Cleanup } from "./cleanup.node.js";
import { PrintedSums } from "./suite-report.js";

describe("the sums that a program prints of its specs", () => {
	const cleanup = Cleanup.afterEach();

	/** A program that prints this, then does that. */
	async function sumsOf(script: string, silenceMs?: number): Promise<PrintedSums> {
		const sums = new PrintedSums(silenceMs);
		const child = cleanup.child(spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] }));
		eachLine(child.stdout!, (line) => sums.take(line));
		const exited = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 137)));
		await sums.end({ exited, kill: () => child.kill("SIGKILL") }, false);
		return sums;
	}

	it("are its report", async () => {
		const { report } = await sumsOf("echo spec a; echo family codec: 2 passed, 0 failed; echo 2 passed, 0 failed");
		expect(report).toEqual({ passed: 2, failed: 0, families: [{ family: "codec", passed: 2, failed: 0 }] });
	});

	it("are a failure where it ends before them", async () => {
		expect((await sumsOf("echo spec a; exit 3")).report).toEqual({ passed: 0, failed: 1, families: [] });
	});

	it("are a failure with the name of the spec that says nothing any more, and the program is killed", async () => {
		const said = spyOn(console, "log");
		expect((await sumsOf("echo spec that it hangs; exec sleep 1000", 300)).report.failed).toBe(1);
		expect(said.calls.allArgs()).toEqual([['nothing was heard for 0.3 s of "that it hangs": it hangs']]);
	});
});
