import { SchemaTypes, Vat } from "vatlet";
import { constantSegment, fromJson, MessagePool, readMessage, type StructType, toJson } from "vatlet/runtime";
import * as everything from "../capnpc/everything.capnp.js";
import * as everythingSchema from "../capnpc/everything.capnp.schema.js";
import * as generics from "../capnpc/generics.capnp.js";
import * as genericsSchema from "../capnpc/generics.capnp.schema.js";
import * as otherSchema from "../capnpc/other.capnp.schema.js";
import { Cleanup } from "../support/cleanup.node.js";
import { randomObject } from "../support/random-object.js";
import { Seeded } from "../support/seeded.js";

function encode(type: StructType<unknown>, object: unknown): Uint8Array {
	const message = new MessagePool().take()!;
	type.fromObject(object as never, message.initRoot(type.createBuilder(), type.dataWords, type.pointerCount));
	return message.toBytes();
}

function jsonOf(type: StructType<unknown>, bytes: Uint8Array): unknown {
	return JSON.parse(toJson(type, readMessage(bytes).readRoot(type.createReader())));
}

function structsOf(module: object): StructType<unknown>[] {
	return Object.values(module).filter(
		(each): each is StructType<unknown> => typeof each === "object" && each !== null && "discriminantAt" in each,
	);
}

describe("types made of schema nodes alone", () => {
	const cleanup = Cleanup.afterEach();

	for (const [name, module, types] of [
		["everything", everything, new SchemaTypes([...Object.values(everythingSchema), ...Object.values(otherSchema)])],
		["generics", generics, new SchemaTypes(Object.values(genericsSchema))],
	] as const) {
		it(`decode and encode every struct of ${name}.capnp as the generated ones do`, () => {
			const random = new Seeded(11);
			const structs = structsOf(module);
			expect(structs.length).toBeGreaterThan(5);
			for (const type of structs) {
				const id = (BigInt(type.idHigh) << 32n) | BigInt(type.idLow);
				const dynamic = types.struct(id) as StructType<unknown>;
				expect([dynamic.idHigh, dynamic.idLow, dynamic.dataWords]).toEqual([type.idHigh, type.idLow, type.dataWords]);
				for (let round = 0; round < 4; round++) {
					const object = randomObject(random, type);
					const bytes = encode(type, object);
					expect(jsonOf(dynamic, bytes)).withContext(type.name).toEqual(jsonOf(type, bytes));
					expect(encode(dynamic, object)).withContext(type.name).toEqual(bytes);
				}
			}
		});
	}

	it("refuse a node whose field would be the prototype of what is decoded", () => {
		const { view } = everythingSchema.PointersSchema;
		const words = Array.from({ length: view.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
		const hostile = constantSegment(words);
		const bytes = Buffer.from(hostile.bytes.buffer);
		bytes.write("__proto__", bytes.indexOf("anyStruct\0"));
		const types = new SchemaTypes([hostile]);
		expect(() => types.struct("Pointers").fields()).toThrowError(/a field's name is "__proto__"/);
	});

	it("have the defaults of the schema", () => {
		const types = new SchemaTypes(Object.values(everythingSchema));
		const empty = encode(everything.Defaults as StructType<unknown>, {});
		const read = (type: StructType<unknown>) => type.toObject(readMessage(empty).readRoot(type.createReader()));
		expect(read(types.struct("Defaults"))).toEqual(read(everything.Defaults as StructType<unknown>));
		expect(types.enum("Color").names).toEqual(["red", "green", "deepBlue"]);
	});

	it("read JSON", () => {
		const Point = new SchemaTypes(Object.values(everythingSchema)).struct("Point");
		const message = new MessagePool().take()!;
		fromJson(Point, '{"x": 3}', message.initRoot(Point.createBuilder(), Point.dataWords, Point.pointerCount));
		expect(jsonOf(Point, message.toBytes())).toEqual({ x: 3, y: 0 });
	});

	it("say what is missing, and what there is", () => {
		const types = new SchemaTypes(Object.values(otherSchema));
		expect(() => types.struct("Import")).toThrowError(
			RangeError,
			"no struct Import here; there are Base.hello$Params, Base.hello$Results, Imported",
		);
		const alone = new SchemaTypes(Object.values(everythingSchema)).struct("Pointers");
		const bytes = encode(everything.Pointers as StructType<unknown>, { imported: { number: 3 } });
		expect(() => jsonOf(alone, bytes)).toThrowError(
			RangeError,
			/@0xd5fd2a2b9f2a7c01 is not here: add the nodes of the file/,
		);
	});

	it("call a capability that there is no generated code for", async () => {
		const server = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", {}));
		const uri = server.publish("texts", generics.TextStore, {
			get: () => ({ value: "hällo" }),
			length: () => ({ characters: 5 }),
		});
		const client = cleanup.closing(await Vat.open());
		const types = new SchemaTypes(Object.values(genericsSchema));
		type Call = (params: object) => Promise<unknown>;
		const store = client.connect(uri, types.interface("TextStore")) as Record<string, Call>;
		expect(await store["get"]!({})).toEqual({ value: "hällo" });
		expect(await store["length"]!({})).toEqual({ characters: 5 });
	});
});
