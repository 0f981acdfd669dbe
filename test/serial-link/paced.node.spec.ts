import { runPaced } from "./paced.js";

const SECONDS = 3;

describe("a serial link on a paced line", () => {
	for (const baud of [115_200, 921_600])
		it(`fills a line of ${baud} baud, and costs at most 12 % of it`, () => {
			for (const bothWays of [false, true]) {
				const { bytesPerSecond, overhead } = runPaced(baud, SECONDS, 0, bothWays);
				expect(overhead).toBeLessThan(12);
				expect(bytesPerSecond).toBeGreaterThan(baud * 0.085);
			}
		});

	it("goes on at a quarter of the speed or more while one frame in ten is lost", () => {
		const { bytesPerSecond } = runPaced(115_200, SECONDS, 10, true);
		expect(bytesPerSecond).toBeGreaterThan(11_520 / 4);
	});
});
