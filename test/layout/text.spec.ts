import {
	DataBuilder,
	DataReader,
	MessagePool,
	StructBuilder,
	StructReader,
	TextBuilder,
	TextReader,
} from "vatlet/runtime";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../src/base/utf8.js";
import { listPointer, message, structPointer } from "../support/words.js";

const SAMPLES = ["", "a", "plain text", "grüße", "日本語", "😀", "a😀b", "\u0000inside", "x".repeat(1000)];

describe("Text and data", () => {
	const pool = new MessagePool({ segmentWords: 512 });

	it("come back as they were set", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, SAMPLES.length);
		SAMPLES.forEach((text, i) => root.putText(i, text));
		const reader = built.readRoot(new StructReader());
		const view = new TextReader();
		SAMPLES.forEach((text, i) => {
			expect(reader.text(i)).toBe(text);
			expect(reader.textAt(i, view).toString()).toBe(text);
			expect(view.lengthBytes).toBe(utf8Length(text));
			for (const other of SAMPLES) expect(view.equalsString(other)).toBe(text === other);
		});
		built.release();
	});

	it("are compared and copied without a string", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 3);
		root.putText(0, "kitchen sensor");
		const a = root.textAt(0, new TextReader());
		root.putTextFrom(1, a);
		const b = root.textAt(1, new TextReader());
		expect(a.equals(b)).toBe(true);
		root.newText(2, 3, new TextBuilder()).copyFrom(0, new Uint8Array([0x61, 0x62, 0x63]), 0, 3);
		expect(root.text(2)).toBe("abc");
		expect(root.textAt(2, b).equals(a)).toBe(false);
		const out = new Uint8Array(20);
		expect(a.copyTo(out, 2)).toBe(14);
		expect(out[2]).toBe(0x6b);
		built.release();
	});

	it("are null where the pointer is, and equal to nothing but the empty", () => {
		const reader = message([structPointer(0, 0, 0)]).readRoot(new StructReader());
		const text = reader.textAt(0, new TextReader());
		expect(text.lengthBytes).toBe(0);
		expect(text.equalsString("")).toBe(true);
		expect(text.toString()).toBe("");
		expect(reader.dataAt(0, new DataReader()).toBytes().length).toBe(0);
	});

	it("hold any bytes as data", () => {
		const built = pool.take()!;
		const root = built.initRoot(new StructBuilder(), 0, 2);
		const bytes = new Uint8Array(300);
		for (let i = 0; i < 300; i++) bytes[i] = i * 7;
		root.putData(0, bytes, 3, 290);
		const data = root.dataAt(0, new DataReader());
		expect(data.length).toBe(290);
		expect(data.get(0)).toBe(21);
		expect(data.equalsBytes(bytes.slice(3, 293))).toBe(true);
		expect(() => data.get(290)).toThrowError(RangeError);
		root.newData(1, 4, new DataBuilder()).set(2, 9);
		expect(root.dataAt(1, data).toBytes()[2]).toBe(9);
		expect(() => root.putData(1, bytes, 299, 2)).toThrowError(RangeError);
		built.release();
	});

	it("read malformed UTF-8 as replacement characters, as the encoding standard says", () => {
		const cases: [number[], string][] = [
			[[0x61, 0xff, 0x62], "a\ufffdb"],
			[[0xc3], "\ufffd"],
			[[0xe2, 0x82, 0x41], "\ufffdA"],
			[[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
			[[0xc0, 0xaf], "\ufffd\ufffd"],
			[[0xf4, 0x90, 0x80, 0x80], "\ufffd\ufffd\ufffd\ufffd"],
			[[0xf0, 0x9f, 0x98, 0x80], "😀"],
		];
		for (const [bytes, text] of cases) expect(decodeUtf8(new Uint8Array(bytes), 0, bytes.length)).toBe(text);
	});

	it("write lone surrogates as replacement characters", () => {
		const bytes = new Uint8Array(16);
		const text = "a" + String.fromCharCode(0xd800) + "b";
		const end = encodeUtf8(text, bytes, 0);
		expect(end).toBe(utf8Length(text));
		expect(Array.from(bytes.slice(0, end))).toEqual([0x61, 0xef, 0xbf, 0xbd, 0x62]);
	});

	it("may have bytes behind the NUL's word that are not zero", () => {
		const reader = message([[...structPointer(0, 0, 1), ...listPointer(0, 2, 3), 0xff006968, 0xffffffff]]).readRoot(
			new StructReader(),
		);
		expect(reader.text(0)).toBe("hi");
	});
});
