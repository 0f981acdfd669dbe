import { planOf } from "./plan.js";
import { World } from "./simulation.js";

describe("simulation", () => {
	it("random programs on two to five vats: calls reach whom they should, in order, and nothing stays", () => {
		const endMs = performance.now() + 5000;
		let worlds = 0;
		for (let seed = 1; performance.now() < endMs || worlds < 20; seed++, worlds++) {
			try {
				new World(planOf(seed, 250)).run();
			} catch (error) {
				fail(`seed ${seed}: ${(error as Error).message}; npm run simulate -- --steps 250 --world 250 --seed ${seed}`);
				return;
			}
		}
		expect(worlds).toBeGreaterThanOrEqual(20);
	}, 60_000);
});
