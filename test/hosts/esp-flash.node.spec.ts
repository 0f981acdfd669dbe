import { randomBytes } from "node:crypto";
import { flashEsp, FlashError, type FlashPort } from "../../hosts/node/flash/esp-flash.js";
import { EspRomSimulator } from "./esp-rom-simulator.node.js";

/** Against a simulator of the ROM's protocol, not against a chip. */
describe("flashing an ESP32-C3 (simulated ROM)", () => {
	let rom: EspRomSimulator;
	let port: FlashPort;
	beforeEach(() => {
		rom = new EspRomSimulator();
		port = { duplex: rom, usbVendorId: 0x303a, usbProductId: 0x1001, setSignals: async () => void rom.resets++ };
	});

	it("writes every part where it belongs, tells its progress, and resets the board", async () => {
		const program = randomBytes(20_001);
		const config = Buffer.from("hub=capnp+serial://insecure@/usb/\n\0");
		const told: number[] = [];
		await flashEsp(
			port,
			[
				{ address: 0, data: program },
				{ address: 0x3e0000, data: config },
			],
			(part, written, total) => told.push(part + written / total),
		);
		expect(rom.flash.subarray(0, program.length).equals(program)).toBeTrue();
		expect(rom.flash.subarray(0x3e0000, 0x3e0000 + config.length).equals(config)).toBeTrue();
		expect(told.at(-1)).toBe(2);
		expect(rom.resets).toBeGreaterThan(2);
	});

	it("notices that the flash holds other bytes", async () => {
		rom.damageAt = 1234;
		await expectAsync(flashEsp(port, [{ address: 0, data: randomBytes(5000) }], () => {})).toBeRejectedWithError(
			FlashError,
			/flash at 0x0 holds other bytes/,
		);
	});

	it("refuses another chip", async () => {
		rom.chipId = 9;
		await expectAsync(flashEsp(port, [{ address: 0, data: randomBytes(64) }], () => {})).toBeRejectedWithError(
			FlashError,
			/not an ESP32-C3/,
		);
	});

	it("says which button to hold when nobody answers", async () => {
		rom.deaf = true;
		await expectAsync(flashEsp(port, [{ address: 0, data: randomBytes(64) }], () => {})).toBeRejectedWithError(
			FlashError,
			/hold the BOOT button/,
		);
	});
});
