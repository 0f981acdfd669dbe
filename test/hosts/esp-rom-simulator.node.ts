import { createHash } from "node:crypto";
import { Duplex } from "node:stream";
import { inflateSync } from "node:zlib";

const END = 0xc0;
const ESCAPE = 0xdb;

/**
 * A simulator of the serial protocol that the ESP32-C3's ROM speaks in download mode, written after Espressif's description of it. It is no
 * chip and no ROM: what it accepts, a chip may still refuse.
 */
export class EspRomSimulator extends Duplex {
	readonly flash = Buffer.alloc(4 << 20, 0xff);
	resets = 0;
	/** Answers to nothing: a board that runs its program. */
	deaf = false;
	chipId = 5;
	/** Flips a bit of what is written here. */
	damageAt = -1;
	#packet: number[] = [];
	#open = false;
	#escaped = false;
	#address = 0;
	#blocks: Buffer[] = [];

	override _read(): void {}
	override _write(bytes: Buffer, _encoding: string, done: () => void): void {
		for (const byte of bytes) this.#take(byte);
		done();
	}

	#take(byte: number): void {
		if (byte === END) {
			if (this.#open && this.#packet.length > 0) this.#command(Buffer.from(this.#packet));
			this.#open = true;
			this.#packet = [];
		} else if (byte === ESCAPE) this.#escaped = true;
		else {
			this.#packet.push(this.#escaped ? (byte === 0xdc ? END : ESCAPE) : byte);
			this.#escaped = false;
		}
	}
	#command(packet: Buffer): void {
		if (this.deaf || packet[0] !== 0) return;
		const operation = packet[1]!;
		const data = packet.subarray(8);
		switch (operation) {
			case 0x08: // SYNC
				for (let i = 0; i < 8; i++) this.#answer(operation);
				return;
			case 0x0a: // READ_REG
				return this.#answer(operation, undefined, 0);
			case 0x14: {
				// GET_SECURITY_INFO
				const info = Buffer.alloc(20);
				info.writeUInt32LE(this.chipId, 12);
				return this.#answer(operation, info);
			}
			case 0x10: // FLASH_DEFL_BEGIN
				this.#address = data.readUInt32LE(12);
				this.#blocks = [];
				this.flash.fill(0xff, this.#address, this.#address + data.readUInt32LE(0));
				return this.#answer(operation);
			case 0x11: // FLASH_DEFL_DATA
				this.#blocks.push(data.subarray(16, 16 + data.readUInt32LE(0)));
				this.#program();
				return this.#answer(operation);
			case 0x13: {
				// SPI_FLASH_MD5: as text
				const from = data.readUInt32LE(0);
				const bytes = this.flash.subarray(from, from + data.readUInt32LE(4));
				return this.#answer(operation, Buffer.from(createHash("md5").update(bytes).digest("hex"), "latin1"));
			}
			default:
				return this.#answer(operation);
		}
	}
	#program(): void {
		try {
			const bytes = inflateSync(Buffer.concat(this.#blocks));
			bytes.copy(this.flash, this.#address);
			if (this.damageAt >= this.#address && this.damageAt < this.#address + bytes.length)
				this.flash[this.damageAt]! ^= 1;
		} catch {
			// The last block makes it whole.
		}
	}
	#answer(operation: number, data: Buffer = Buffer.alloc(0), value = 0): void {
		const head = Buffer.alloc(8);
		head.writeUInt8(1, 0);
		head.writeUInt8(operation, 1);
		head.writeUInt16LE(data.length + 4, 2);
		head.writeUInt32LE(value, 4);
		const out = [END];
		for (const byte of Buffer.concat([head, data, Buffer.alloc(4)])) {
			if (byte === END) out.push(ESCAPE, 0xdc);
			else if (byte === ESCAPE) out.push(ESCAPE, 0xdd);
			else out.push(byte);
		}
		out.push(END);
		this.push(Buffer.from(out));
	}
}
