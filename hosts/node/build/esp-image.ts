/**
 * The flash image of an ESP32-C3: in the first sector what the chip's ROM looks for (a header, one segment for RAM, their checks), behind it
 * the program with a header of its own. The format is Espressif's "firmware image format" (esptool documentation).
 */
import { createHash } from "node:crypto";

const MAGIC = 0xe9;
const CHIP_ESP32_C3 = 5;
const DIO = 2;
/** 4 MB of flash at 80 MHz. */
const FLASH_SIZE_AND_SPEED = 0x2f;
/** "No pin": the flash is not write-protected by one. */
const NO_PIN = 0xee;
const CHECKSUM_SEED = 0xef;
const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const DIGEST_BYTES = 32;

/** Where the stub runs: RAM that the ROM does not use itself. */
export const STUB_ADDRESS = 0x403cc000;
/** The program's place in flash. Its header says so many bytes and their SHA-256; boards/esp32c3/image-check.c compares. */
export const PROGRAM_OFFSET = 0x1000;
export const PROGRAM_HEADER_BYTES = 64;
const PROGRAM_MAGIC = 0x4c544156;
/** Where boot configuration and store begin: what lies there is not written when a program is flashed. */
export const CONFIG_OFFSET = 0x3e0000;

/** Puts stub and program (with a blank header) together. */
export function makeEspImage(stub: Uint8Array, program: Uint8Array): Buffer {
	const boot = bootPart(stub);
	if (boot.length > PROGRAM_OFFSET) throw new Error(`the stub has ${stub.length} bytes, too many for its sector`);
	if (PROGRAM_OFFSET + program.length > CONFIG_OFFSET)
		throw new Error(
			`the program has ${program.length} bytes, the flash before the store ${CONFIG_OFFSET - PROGRAM_OFFSET}`,
		);
	const image = Buffer.alloc(PROGRAM_OFFSET + program.length, 0xff);
	boot.copy(image);
	image.set(program, PROGRAM_OFFSET);
	const body = image.subarray(PROGRAM_OFFSET + PROGRAM_HEADER_BYTES);
	if (image.readUInt32LE(PROGRAM_OFFSET) !== PROGRAM_MAGIC)
		throw new Error("the program does not begin with its header");
	image.writeUInt32LE(body.length, PROGRAM_OFFSET + 4);
	createHash("sha256")
		.update(body)
		.digest()
		.copy(image, PROGRAM_OFFSET + 8);
	return image;
}

function bootPart(stub: Uint8Array): Buffer {
	const segment = Buffer.alloc(Math.ceil(stub.length / 4) * 4);
	segment.set(stub);
	const header = Buffer.alloc(HEADER_BYTES + SEGMENT_HEADER_BYTES);
	header.writeUInt8(MAGIC, 0);
	header.writeUInt8(1, 1); // segments
	header.writeUInt8(DIO, 2);
	header.writeUInt8(FLASH_SIZE_AND_SPEED, 3);
	header.writeUInt32LE(STUB_ADDRESS, 4); // entry
	header.writeUInt8(NO_PIN, 8);
	header.writeUInt16LE(CHIP_ESP32_C3, 12);
	header.writeUInt16LE(0, 15); // oldest chip revision
	header.writeUInt16LE(99, 17); // newest chip revision
	header.writeUInt8(1, 23); // a SHA-256 follows
	header.writeUInt32LE(STUB_ADDRESS, 24);
	header.writeUInt32LE(segment.length, 28);
	let checksum = CHECKSUM_SEED;
	for (const byte of segment) checksum ^= byte;
	const padding = Buffer.alloc(16 - ((header.length + segment.length) % 16));
	padding.writeUInt8(checksum, padding.length - 1);
	const checked = Buffer.concat([header, segment, padding]);
	return Buffer.concat([checked, createHash("sha256").update(checked).digest()]);
}

/** What is wrong with an image, as ROM and program would find it; null if nothing is. */
export function espImageFault(image: Uint8Array): string | null {
	const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
	if (bytes.length < PROGRAM_OFFSET + PROGRAM_HEADER_BYTES) return "the image ends before its program";
	if (bytes[0] !== MAGIC) return "the image does not begin with 0xE9";
	if (bytes.readUInt16LE(12) !== CHIP_ESP32_C3) return "the image is for another chip";
	const segmentBytes = bytes.readUInt32LE(28);
	const end = Math.ceil((HEADER_BYTES + SEGMENT_HEADER_BYTES + segmentBytes + 1) / 16) * 16;
	if (bytes[1] !== 1 || end + DIGEST_BYTES > PROGRAM_OFFSET)
		return "the boot part has not one segment within its sector";
	let checksum = CHECKSUM_SEED;
	for (let i = 0; i < segmentBytes; i++) checksum ^= bytes[HEADER_BYTES + SEGMENT_HEADER_BYTES + i]!;
	if (bytes[end - 1] !== checksum) return "the checksum of the boot part is wrong";
	const digest = createHash("sha256").update(bytes.subarray(0, end)).digest();
	if (!digest.equals(bytes.subarray(end, end + DIGEST_BYTES))) return "the SHA-256 of the boot part is wrong";
	const body = bytes.subarray(PROGRAM_OFFSET + PROGRAM_HEADER_BYTES);
	if (bytes.readUInt32LE(PROGRAM_OFFSET) !== PROGRAM_MAGIC) return "the program does not begin with its header";
	if (bytes.readUInt32LE(PROGRAM_OFFSET + 4) !== body.length)
		return "the program has another length than its header says";
	const own = createHash("sha256").update(body).digest();
	return own.equals(bytes.subarray(PROGRAM_OFFSET + 8, PROGRAM_OFFSET + 8 + DIGEST_BYTES))
		? null
		: "the SHA-256 of the program is wrong";
}
