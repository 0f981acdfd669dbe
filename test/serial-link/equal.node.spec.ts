import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Cleanup } from "../support/cleanup.node.js";
import { compileSanitized } from "../support/sanitized.node.js";
import { Seeded } from "../support/seeded.js";
import { Operation, RecordedLink, Recording } from "./recorded-link.node.js";
import { inventFrames, Schedule } from "./schedule.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const SCHEDULES = 200;
const STEPS = 150;

/** Devices run the C, everybody else the TypeScript: the same calls have the same results, byte for byte, under the sanitizers. */
describe("modules/serial-link", () => {
	const cleanup = Cleanup.afterAll();
	let folder = "";
	beforeAll(() => {
		folder = cleanup.folder();
		const sources = [
			join(root, "test/serial-link/harness.c"),
			join(root, "modules/serial-link/serial-link.c"),
			join(root, "modules/serial-link/serial-frame.c"),
		];
		compileSanitized(join(folder, "harness"), sources, [join(root, "modules/serial-link")]);
	});

	function expectEqual(recording: Recording): void {
		const input = Buffer.concat(recording.asked);
		const output = execFileSync(join(folder, "harness"), { input, maxBuffer: 1 << 28, timeout: 60_000 });
		let at = 0;
		for (let i = 0; i < recording.answered.length; i++) {
			const expected = recording.answered[i]!;
			if (!output.subarray(at, at + expected.length).equals(expected))
				return fail(
					`operation ${i} (kind ${recording.asked[2 * i]![0]}) differs: ${output.subarray(at, at + expected.length).toString("hex")}, expected ${expected.toString("hex")}`,
				);
			at += expected.length;
		}
		expect(output.length).toBe(at);
	}

	it("does what src/net/serial-link.ts does, on random schedules", () => {
		const dialler = new Recording();
		const listener = new Recording();
		const counts = { steps: 0, bytes: 0, sessions: 0, wholeStreams: 0 };
		for (let seed = 1; seed <= SCHEDULES; seed++)
			new Schedule(new Seeded(seed), counts, (side) => new RecordedLink(side === 0 ? dialler : listener)).run(STEPS);
		expect(counts.bytes).toBeGreaterThan(100_000);
		expectEqual(dialler);
		expectEqual(listener);
	});

	it("does the same with made-up frames of every kind", () => {
		const recording = new Recording();
		const random = new Seeded(5);
		for (let run = 0; run < 200; run++) inventFrames(new RecordedLink(recording), random);
		expect(recording.asked.some((head) => head[0] === Operation.RECEIVE)).toBeTrue();
		expectEqual(recording);
	});
});
