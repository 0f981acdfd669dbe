/** The C of modules/codec against the TypeScript that it stands in for, call by call. */
import * as scriptBytes from "../../../src/base/bytes.js";
import * as scriptColumn from "../../../src/base/column.js";
import * as scriptUtf8 from "../../../src/base/utf8.js";
import * as scriptPacked from "../../../src/wire/packed.js";
import * as nativeBytes from "../../../modules/codec/bytes.js";
import * as nativeColumn from "../../../modules/codec/column.js";
import * as nativeUtf8 from "../../../modules/codec/utf8.js";
import * as nativePacked from "../../../modules/codec/packed.js";
import * as nativeCall from "../../../modules/codec/usual-call.js";
import * as scriptCall from "../../../src/rpc/usual-call.js";
import { CALL_ENVELOPE } from "../../../src/cap/envelope.js";
import { MessagePool } from "../../../src/message/message-pool.js";
import { CallHeader } from "../../../src/rpc/call-header.js";
import { Seeded } from "../../support/seeded.js";

const ROUNDS = 500;

/** Bytes that packing and UTF-8 find interesting. */
function someBytes(random: Seeded, length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	const density = random.below(4);
	const leads = [
		0, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xff,
	];
	for (let i = 0; i < length; i++) {
		if (density === 0) bytes[i] = random.chance(6) ? random.below(256) : 0;
		else if (density === 1) bytes[i] = random.chance(12) ? 0 : 1 + random.below(255);
		else if (density === 2) bytes[i] = random.below(256);
		else bytes[i] = leads[random.below(leads.length)]!;
	}
	return bytes;
}

function list(bytes: Uint8Array): string {
	return Array.from(bytes).join(" ");
}

describe("The codec's C and its TypeScript", () => {
	it("copy, clear and compare alike, and the C refuses ranges outside", () => {
		const random = new Seeded(1);
		for (let round = 0; round < ROUNDS; round++) {
			const source = someBytes(random, 1 + random.below(600));
			const from = random.below(source.length);
			const length = random.below(source.length - from + 1);
			const a = someBytes(random, 700);
			const b = a.slice();
			scriptBytes.copyBytes(source, from, a, 50, length);
			nativeBytes.copyBytes(source, from, b, 50, length);
			const end = random.below(40);
			scriptBytes.clearBytes(a, end);
			nativeBytes.clearBytes(b, end);
			expect(list(b)).toBe(list(a));
			expect(nativeBytes.equalBytes(source, from, b, 50, length)).toBe(
				scriptBytes.equalBytes(source, from, a, 50, length),
			);
		}
		const bytes = new Uint8Array(8);
		expect(() => nativeBytes.copyBytes(bytes, 4, bytes, 0, 5)).toThrowError(RangeError);
		expect(() => nativeBytes.copyBytes(bytes, 0, bytes, 8, 1)).toThrowError(RangeError);
		expect(() => nativeBytes.copyBytes(bytes, -1, bytes, 0, 1)).toThrowError(RangeError);
		expect(() => nativeBytes.clearBytes(bytes, 9)).toThrowError(RangeError);
		expect(() => nativeBytes.equalBytes(bytes, 0, bytes, 1, 8)).toThrowError(RangeError);
	});

	it("decode and encode UTF-8 alike", () => {
		const random = new Seeded(2);
		for (let round = 0; round < ROUNDS; round++) {
			const bytes = someBytes(random, random.below(24));
			const text = scriptUtf8.decodeUtf8(bytes, 0, bytes.length);
			expect(nativeUtf8.decodeUtf8(bytes, 0, bytes.length)).toBe(text);
			expect(nativeUtf8.utf8Length(text)).toBe(scriptUtf8.utf8Length(text));
			const a = new Uint8Array(120);
			const b = new Uint8Array(120);
			expect(nativeUtf8.encodeUtf8(text, b, 3)).toBe(scriptUtf8.encodeUtf8(text, a, 3));
			expect(list(b)).toBe(list(a));
			expect(nativeUtf8.equalsUtf8(bytes, 0, bytes.length, text)).toBe(
				scriptUtf8.equalsUtf8(bytes, 0, bytes.length, text),
			);
		}
		const lone = "a" + String.fromCharCode(0xd800) + "b\u0000";
		const bytes = new Uint8Array(16);
		expect(scriptUtf8.utf8Length(lone)).toBe(nativeUtf8.utf8Length(lone));
		expect(nativeUtf8.encodeUtf8(lone, bytes, 0)).toBe(6);
		expect(list(bytes)).toBe("97 239 191 189 98 0 0 0 0 0 0 0 0 0 0 0");
		expect(() => nativeUtf8.encodeUtf8("too long", bytes, 10)).toThrowError(RangeError);
	});

	it("pack and unpack alike, in the same steps", () => {
		const random = new Seeded(3);
		for (let round = 0; round < ROUNDS; round++) {
			const source = someBytes(random, 8 * random.below(80));
			const room = 10 + random.below(90);
			const a = new Uint8Array(room);
			const b = new Uint8Array(room);
			const script = new scriptPacked.Packing();
			const native = new nativePacked.Packing();
			const unpackScript = new scriptPacked.Unpacking();
			const unpackNative = new nativePacked.Unpacking();
			const plain = new Uint8Array(source.length + 8);
			const same = new Uint8Array(source.length + 8);
			let to = 0;
			for (let offset = 0, turn = 0; turn < 1000; turn++) {
				script.pack(source, offset, source.length, a, 0, room);
				native.pack(source, offset, source.length, b, 0, room);
				expect(native.sourceOffset).toBe(script.sourceOffset);
				expect(native.targetOffset).toBe(script.targetOffset);
				offset = script.sourceOffset;
				const end = script.targetOffset;
				expect(list(b.slice(0, end))).toBe(list(a.slice(0, end)));
				unpackScript.unpack(a, 0, end, plain, to, source.length);
				unpackNative.unpack(b, 0, end, same, to, source.length);
				expect(unpackNative.targetOffset).toBe(unpackScript.targetOffset);
				expect(unpackNative.sourceOffset).toBe(unpackScript.sourceOffset);
				expect(unpackNative.atBoundary).toBe(unpackScript.atBoundary);
				to = unpackScript.targetOffset;
				if (offset === source.length && end === 0) break;
			}
			expect(list(plain.slice(0, source.length))).toBe(list(source));
			expect(list(same)).toBe(list(plain));
		}
	});

	it("unpack garbage alike", () => {
		const random = new Seeded(4);
		for (let round = 0; round < ROUNDS; round++) {
			const source = someBytes(random, 1 + random.below(60));
			const a = new Uint8Array(400);
			const b = new Uint8Array(400);
			const limit = random.below(401);
			const script = new scriptPacked.Unpacking();
			const native = new nativePacked.Unpacking();
			script.unpack(source, 0, source.length, a, 0, limit);
			native.unpack(source, 0, source.length, b, 0, limit);
			expect([native.sourceOffset, native.targetOffset, native.atBoundary]).toEqual([
				script.sourceOffset,
				script.targetOffset,
				script.atBoundary,
			]);
			expect(list(b)).toBe(list(a));
		}
	});

	it("gather and scatter columns alike, and the C refuses ranges outside", () => {
		const random = new Seeded(5);
		const columns = [
			new Float64Array(9),
			new Float32Array(9),
			new Uint32Array(9),
			new Int16Array(9),
			new Uint8Array(9),
		];
		for (const column of columns) {
			const bytes = someBytes(random, 200);
			// Signalling NaNs would be quieted by script: numbers only.
			if (column instanceof Float64Array || column instanceof Float32Array) bytes.fill(0x40);
			const view = new DataView(bytes.buffer);
			const a = column.slice();
			const b = column.slice();
			scriptColumn.gather(view, bytes, 8, 16, 9, a, 0);
			nativeColumn.gather(view, bytes, 8, 16, 9, b, 0);
			expect(Array.from(b)).toEqual(Array.from(a));
			const x = new Uint8Array(200);
			const y = new Uint8Array(200);
			scriptColumn.scatter(new DataView(x.buffer), x, 3, 16, 9, a, 0);
			nativeColumn.scatter(new DataView(y.buffer), y, 3, 16, 9, a, 0);
			expect(list(y)).toBe(list(x));
			expect(() => nativeColumn.gather(view, bytes, 100, 16, 9, b, 0)).toThrowError(RangeError);
			expect(() => nativeColumn.scatter(view, bytes, 0, 16, 9, a, 1)).toThrowError(RangeError);
		}
	});

	it("read the header of a Call alike, whatever is wrong with it", () => {
		const random = new Seeded(6);
		const pool = new MessagePool({ limits: { traversalWords: 40 } });
		const halves = [...CALL_ENVELOPE, 1, 0x00010001, 0, 0, 0, 0];
		const odd = [0, 1, 2, 4, 0xfffffffc, 0xfffffffe, 0x7ffffffc, 0x80000000, 0x00010000, 0x00020001, 0xffffffff, 0x01];
		let usual = 0;
		for (let round = 0; round < ROUNDS * 4; round++) {
			const message = pool.take()!;
			const segment = message.arena.reserve(halves.length / 2)!;
			halves.forEach((half, i) => segment.view.setUint32(segment.startByte + i * 4, half, true));
			for (let changes = random.below(4); changes > 0; changes--) {
				const at = segment.startByte + random.below(halves.length) * 4;
				if (random.chance(3)) segment.view.setUint32(at, odd[random.below(odd.length)]!, true);
				else segment.view.setUint8(at + random.below(4), random.below(random.chance(2) ? 256 : 8));
			}
			if (random.chance(6)) segment.endByte -= 8 * random.below(halves.length / 2 + 1);
			message.arena.openForReading();
			if (random.chance(4)) message.arena.budgetWords = random.below(14);
			const budget = message.arena.budgetWords;
			const a = new CallHeader();
			const b = new CallHeader();
			const read = scriptCall.readCallHeader(segment, a);
			const left = message.arena.budgetWords;
			message.arena.budgetWords = budget;
			expect(nativeCall.readCallHeader(segment, b)).toBe(read);
			expect(JSON.stringify(b)).toBe(JSON.stringify(a));
			expect(message.arena.budgetWords).toBe(left);
			if (read) usual++;
			message.release();
		}
		expect(usual).toBeGreaterThan(ROUNDS / 2);
	});
});
