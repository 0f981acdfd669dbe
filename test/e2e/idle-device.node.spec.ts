import { PairedDevice } from "../support/paired-device.js";

const WINDOW_MS = 4_000;
/** Of a core: 2 % on a machine with nothing else to do; what shares its processor with others takes longer for the same. */
const SHARE_MAX = 0.04;

describe("A device that is paired and has nothing to do", () => {
	let paired: PairedDevice | null = null;
	beforeAll(async () => void (paired = await PairedDevice.of()), 8 * 60_000);
	afterAll(() => paired?.end());

	it("leaves the processor alone: QEMU sleeps between telemetry and timers", async () => {
		await paired!.boot();
		await paired!.idleShare(2_000);
		// The best of several: caches that others use cost the device's processor, too.
		let share = Infinity;
		for (let i = 0; i < 5 && share >= SHARE_MAX; i++) share = Math.min(share, await paired!.idleShare(WINDOW_MS));
		expect(share).toBeLessThan(SHARE_MAX);
	});
});
