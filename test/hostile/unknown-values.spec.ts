import { Scalars, ScalarsReader, Unions, UnionsReader } from "../capnpc/everything.capnp.js";
import { message, structPointer } from "../support/words.js";

/** A struct of `words` data words with 16 bits set at byte `offset`. */
function struct(words: number, offset: number, value: number): number[] {
	const halves = Array.from({ length: words * 2 }, () => 0);
	halves[offset >> 2] = (value << ((offset & 2) * 8)) >>> 0;
	return [...structPointer(0, words, 0), ...halves];
}

describe("Values that a newer schema knows", () => {
	it("are numbers where an enum's name is not known", () => {
		const reader = message([struct(6, 36, 999)]).readRoot(new ScalarsReader());
		expect(reader.getColor() as number).toBe(999);
		expect((Scalars.toObject(reader) as { color: unknown }).color).toBe(999);
	});

	it("leave a union with none of the members that are known", () => {
		const reader = message([struct(4, 2, 77)]).readRoot(new UnionsReader());
		expect(reader.which() as number).toBe(77);
		expect([reader.isNothing(), reader.isNumber(), reader.isText(), reader.isPoint()]).toEqual([
			false,
			false,
			false,
			false,
		]);
		// Its other fields are read all the same.
		const object = Unions.toObject(reader) as Record<string, unknown>;
		expect(object["before"]).toBe(0);
		expect("number" in object || "text" in object || "nothing" in object).toBeFalse();
	});
});
