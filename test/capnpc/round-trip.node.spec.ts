import { fromJson, MessagePool, readMessage, type StructType, toJson } from "vatlet/runtime";
import { capnp } from "../support/capnp-tool.node.js";
import { randomObject } from "../support/random-object.js";
import { Seeded } from "../support/seeded.js";
import {
	Boxes,
	Defaults,
	Lists,
	OnlyUnion,
	Outer,
	Promise as PromiseType,
	Scalars,
	Struct,
	Unions,
} from "./everything.capnp.js";

const SCHEMA = "test/capnpc/everything.capnp";
const ROUNDS = 3;

function encode(type: StructType<unknown>, fill: (builder: ReturnType<typeof type.createBuilder>) => void): Uint8Array {
	const message = new MessagePool().take()!;
	const builder = message.initRoot(type.createBuilder(), type.dataWords, type.pointerCount);
	fill(builder);
	return message.toBytes();
}

function read(type: StructType<unknown>, bytes: Uint8Array) {
	return readMessage(bytes).readRoot(type.createReader());
}

describe("generated code against the capnp tool", () => {
	for (const type of [
		Scalars,
		Defaults,
		Lists,
		Unions,
		OnlyUnion,
		Outer,
		PromiseType,
		Struct,
		Boxes,
	] as StructType<unknown>[]) {
		it(`agrees on ${type.name}, field by field, in every form`, () => {
			const random = new Seeded(type.idLow);
			for (let round = 0; round < ROUNDS; round++) {
				const object = randomObject(random, type);
				const bytes = encode(type, (builder) => type.fromObject(object, builder));
				const theirs = capnp(["convert", "binary:json", SCHEMA, type.name], bytes).toString();
				expect(JSON.parse(toJson(type, read(type, bytes))))
					.withContext(type.name)
					.toEqual(JSON.parse(theirs));
				const ours = read(type, bytes);
				const whole = type.toObject(ours);
				for (const form of ["binary", "packed", "flat", "json", "text"]) {
					const there = capnp(["convert", `binary:${form}`, SCHEMA, type.name], bytes);
					const back = capnp(["convert", `${form}:binary`, SCHEMA, type.name], there);
					expect(sameText(type, read(type, back)))
						.withContext(`${type.name} as ${form}`)
						.toEqual(sameText(type, ours));
					expect(Object.keys(whole as object).length).toBeGreaterThan(0);
				}
				const again = encode(type, (builder) => fromJson(type, theirs, builder));
				expect(sameText(type, read(type, again))).toEqual(sameText(type, ours));
			}
		});
	}

	it("reads what the tool encodes from text, defaults included", () => {
		const bytes = capnp(["encode", SCHEMA, "Defaults"], "(int8 = 5)");
		const object = Defaults.toObject(read(Defaults as StructType<unknown>, bytes));
		expect(object).toEqual({
			bool: true,
			int8: 5,
			int16: -1234,
			int32: -123456789,
			int64: -1234567890123456789n,
			uint8: 200,
			uint16: 60000,
			uint32: 4000000000,
			uint64: 0xfedcba9876543210n,
			float32: 1.25,
			float64: -Infinity,
			nan: NaN,
			color: "deepBlue",
			text: 'hällo "there"\n',
			data: Uint8Array.of(0, 255, 16),
			point: { x: 1, y: -2 },
			numbers: [1, 2, 65535],
			names: ["a", "", "c"],
			points: [
				{ x: 1, y: 0 },
				{ x: 0, y: 2 },
			],
			flags: [true, false, true],
			matrix: [[1], [], [-1, 2]],
		});
	});
});

/** What JSON shows of a struct: what every form of it must keep. */
function sameText(type: StructType<unknown>, reader: ReturnType<typeof type.createReader>): unknown {
	return JSON.parse(toJson(type, reader));
}
