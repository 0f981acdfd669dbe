import { fromJson, MessagePool, readMessage, toJson } from "vatlet/runtime";
import { generate } from "../../src/capnpc/compile.js";
import { capnp, requestFor, ROOT } from "../support/capnp-tool.node.js";
import { randomObject } from "../support/random-object.js";
import { Seeded } from "../support/seeded.js";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Annotated, type AnnotatedReader } from "./json-names.capnp.js";

const SCHEMA = "test/capnpc/json-names.capnp";

function bytesOf(fill: (builder: ReturnType<typeof Annotated.createBuilder>) => void): Uint8Array {
	const message = new MessagePool().take()!;
	fill(message.initRoot(Annotated.createBuilder(), Annotated.dataWords, Annotated.pointerCount));
	return message.toBytes();
}

function read(bytes: Uint8Array): AnnotatedReader {
	return readMessage(bytes).readRoot(Annotated.createReader());
}

function toolJson(bytes: Uint8Array): string {
	return capnp(["convert", "binary:json", SCHEMA, "Annotated"], bytes).toString();
}

/** What our reading and the tool's make of the same JSON. */
function bothRead(json: string): [unknown, unknown] {
	const theirs = capnp(["convert", "json:binary", SCHEMA, "Annotated"], json);
	return [
		Annotated.toObject(read(bytesOf((builder) => fromJson(Annotated, json, builder)))),
		Annotated.toObject(read(theirs)),
	];
}

describe("the annotations of compat/json.capnp", () => {
	it("give the JSON that the capnp tool gives, for random values, both ways", () => {
		const random = new Seeded(7);
		for (let round = 0; round < 12; round++) {
			const object = randomObject(random, Annotated);
			const bytes = bytesOf((builder) => Annotated.fromObject(object, builder));
			const theirs = toolJson(bytes);
			expect(JSON.parse(toJson(Annotated, read(bytes)))).toEqual(JSON.parse(theirs));
			const [ours, tools] = bothRead(theirs);
			expect(ours).toEqual(tools);
		}
	});

	it("show a null pointer that is the union's member, also the first one", () => {
		const bytes = bytesOf((builder) => Annotated.fromObject({ named: { word: "" }, text: "" }, builder));
		expect(JSON.parse(toJson(Annotated, read(bytes)))).toEqual(JSON.parse(toolJson(bytes)));
	});

	for (const json of [
		'{"TEXT": "without its tag"}',
		'{"someField": "not by the name in the schema"}',
		'{"some_field": "x", "of a newer schema": {"a": 1}}',
		'{"nummer": 4, "kind": "inside"}',
		'{"kind": "TEXT"}',
		'{"kind": "pair"}',
		'{"kind": "of a newer schema"}',
		'{"t_value": "before its tag", "t_tag": "y"}',
		'{"t_value": "without tag"}',
		'{"in_nummer": "5", "in_color": "ROT"}',
		'{"p_w_z_text": "deep"}',
		'{"renamed": "klein", "klein": -1}',
		'{"tint": 1, "colors": ["ROT", "green"]}',
		'{"base64": "YWJjZA==", "hex": "00fF"}',
	]) {
		it(`read ${json} as the tool does`, () => {
			const [ours, tools] = bothRead(json);
			expect(ours).toEqual(tools);
		});
	}

	it("leave Data that was read from a Buffer independent of it", () => {
		const message = Buffer.from(bytesOf((builder) => Annotated.fromObject({ plain: Uint8Array.of(1, 2, 3) }, builder)));
		const { plain } = Annotated.toObject(read(message));
		message.fill(0);
		expect(plain).toEqual(Uint8Array.of(1, 2, 3));
	});

	it("say what is wrong with a name that an enum does not have and with digits that are none", () => {
		const reading = (json: string) => () => bytesOf((builder) => fromJson(Annotated, json, builder));
		expect(reading('{"tint": "red"}')).toThrowError(
			TypeError,
			'Annotated.tint: one of ROT, green is needed, not "red"',
		);
		expect(reading('{"hex": "abc"}')).toThrowError(TypeError, 'Annotated.hex: "abc" is not hexadecimal');
		expect(reading('{"base64": "a-b_"}')).toThrowError(TypeError, 'Annotated.base64: "a-b_" is not base64');
	});

	it("are refused where they mean nothing", () => {
		const folder = join(ROOT, "build", "capnpc-json");
		mkdirSync(folder, { recursive: true });
		writeFileSync(
			join(folder, "a.capnp"),
			'@0xd1d1d1d1d1d1d1d2; struct A { a @0 :Text $import "/capnp/compat/json.capnp".hex; }',
		);
		expect(() => generate(requestFor(["a.capnp"], folder))).toThrowError("a.capnp:A.a: $Json.hex is for Data only");
	});
});
