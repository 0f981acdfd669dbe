import { buildSpecs } from "../../hosts/node/build/specs.js";
import { runLinux } from "../../hosts/node/run/linux.js";

describe("the specs that need no Node", () => {
	it("pass on XS too, as linked bytecode", async () => {
		const { executable } = await buildSpecs({ platform: "linux" });
		const lines: string[] = [];
		const { exited } = runLinux({ executable, onLine: (line) => lines.push(line) });
		expect(await exited)
			.withContext(lines.slice(-30).join("\n"))
			.toBe(0);
		expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed$/);
	}, 300_000);
});
