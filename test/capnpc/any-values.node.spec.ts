import { spawnSync } from "node:child_process";
import { Vat } from "vatlet";
import {
	AnyBuilder,
	AnyReader,
	AnyValue,
	anyValue,
	bind,
	Fault,
	fromJson,
	type Input,
	MessagePool,
	readMessage,
	type StructType,
	toJson,
} from "vatlet/runtime";
import { Cleanup } from "../support/cleanup.node.js";
import { ROOT } from "../support/capnp-tool.node.js";
import { Box, Pointers, PointersBuilder, PointersReader, Point } from "./everything.capnp.js";
import { Entry, Listener, type ListenerMethods, Store, type StoreMethods } from "./generics.capnp.js";

function encode<T>(type: StructType<T>, object: Input<T>): Uint8Array {
	const message = new MessagePool().take()!;
	type.fromObject(object, message.initRoot(type.createBuilder(), type.dataWords, type.pointerCount));
	return message.toBytes();
}

function decode<T>(type: StructType<T>, bytes: Uint8Array): T {
	return type.toObject(readMessage(bytes).readRoot(type.createReader()));
}

/** What the tool makes of a message in JSON, or what it refuses. */
function toolJson(forms: string, type: string, input: Uint8Array | string): { status: number | null; text: string } {
	const run = spawnSync("capnp", ["convert", "--quiet", forms, "test/capnpc/everything.capnp", type], {
		cwd: ROOT,
		input,
		timeout: 60_000,
		env: { ...process.env, PWD: ROOT },
	});
	return { status: run.status, text: run.status === 0 ? run.stdout.toString() : run.stderr.toString() };
}

describe("pointers of unknown type in plain objects", () => {
	it("are what their makers say, and become what their readers ask for", () => {
		const { any, anyStruct, anyList } = decode(
			Pointers,
			encode(Pointers, {
				any: anyValue("text", "hällo"),
				anyStruct: anyValue(Point, { x: 1, y: -2 }),
				anyList: anyValue({ list: { list: "int64" } }, [[1n], [], [-2n, 3n]]),
			}),
		);
		expect([any!.kind, anyStruct!.kind, anyList!.kind]).toEqual(["list", "struct", "list"]);
		expect(any!.as("text")).toBe("hällo");
		expect(anyStruct!.as(Point)).toEqual({ x: 1, y: -2 });
		expect(anyStruct!.as({ struct: () => Point })).toEqual({ x: 1, y: -2 });
		expect(anyList!.as({ list: { list: "int64" } })).toEqual([[1n], [], [-2n, 3n]]);
		expect(decode(Pointers, encode(Pointers, {})).any).toBeUndefined();
	});

	it("outlive their message, and go into the next as they are", () => {
		const message = new MessagePool().take()!;
		const builder = message.initRoot(new PointersBuilder(), PointersBuilder.dataWords, PointersBuilder.pointerCount);
		builder.editAny(new AnyBuilder()).setText("kept");
		const { any } = Pointers.toObject(builder.asReader(new PointersReader()));
		message.reset();
		expect(any!.as("text")).toBe("kept");
		const nested = encode(Pointers, { any: anyValue(Pointers, { any: any!, text: "outer" }) });
		const outer = decode(Pointers, nested).any!.as(Pointers);
		expect([outer.text, outer.any!.as("text")]).toEqual(["outer", "kept"]);
		expect(readMessage(any!.toBytes()).rootAny(new AnyReader()).text()).toBe("kept");
	});

	it("are refused where a list is for a struct, and read as a Fault where they are not what is asked for", () => {
		expect(() => encode(Pointers, { anyStruct: anyValue("text", "x") })).toThrowError(
			TypeError,
			"Pointers.anyStruct: a struct is needed, not a list",
		);
		expect(() => encode(Pointers, { anyList: anyValue(Point, {}) })).toThrowError(
			TypeError,
			"Pointers.anyList: a list is needed, not a struct",
		);
		expect(() => encode(Pointers, { any: { x: 1 } as never })).toThrowError(
			TypeError,
			/Pointers\.any: .*anyValue\(type/,
		);
		expect(() => anyValue(Point, { x: "one" as never })).toThrowError(TypeError, /Point\.x/);
		const { anyStruct } = decode(Pointers, encode(Pointers, { anyStruct: anyValue(Point, { x: 1 }) }));
		expect(() => anyStruct!.as("text")).toThrowError(Fault);
	});

	it("stand for type parameters that nobody has bound", () => {
		const bytes = encode(Box, { value: anyValue("data", Uint8Array.of(1, 2)) });
		expect(decode(Box, bytes).value!.as("data")).toEqual(Uint8Array.of(1, 2));
		expect(decode(bind<Box<Uint8Array>>(Box, "data"), bytes).value).toEqual(Uint8Array.of(1, 2));
		const chosen = decode(Entry, encode(Entry, { alternative: null }));
		expect(chosen.alternative).toBeNull();
	});

	it("cost no more than their message's budget, whatever they claim to be", () => {
		// A list of 2^29 empty structs, in two words.
		const bytes = Uint8Array.from([
			0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0xfc, 0xff, 0xff, 0x7f, 0, 0, 0, 0,
		]);
		expect(() => decode(Box, bytes)).toThrowError(Fault);
	});

	it("have no JSON form, as the capnp tool has none; null ones are left out", () => {
		for (const object of [
			{ any: anyValue("text", "x") },
			{ anyStruct: anyValue(Point, { x: 1 }) },
			{ anyList: anyValue({ list: "uint8" }, [1]) },
		]) {
			const bytes = encode(Pointers, object);
			expect(toolJson("binary:json", "Pointers", bytes).text).toContain("don't know how to JSON-encode AnyPointer");
			expect(() => toJson(Pointers, readMessage(bytes).readRoot(new PointersReader()))).toThrowError(
				TypeError,
				/^Pointers\.any\w*: a pointer of unknown type has no JSON form/,
			);
			expect(() => JSON.stringify(decode(Pointers, bytes))).toThrowError(TypeError, /no JSON form/);
		}
		const empty = encode(Pointers, { text: "x" });
		const json = toJson(Pointers, readMessage(empty).readRoot(new PointersReader()));
		expect(JSON.parse(toolJson("binary:json", "Pointers", empty).text)).toEqual(JSON.parse(json));
		for (const [name, kind] of [
			["any", "AnyPointer"],
			["capability", "AnyPointer"],
			["interface", "capabilities"],
		]) {
			expect(toolJson("json:binary", "Pointers", `{"${name}": null}`).text).toContain(
				`don't know how to JSON-decode ${kind}`,
			);
			const message = new MessagePool().take()!;
			const builder = message.initRoot(new PointersBuilder(), PointersBuilder.dataWords, PointersBuilder.pointerCount);
			expect(() => fromJson(Pointers, `{"${name}": null}`, builder)).toThrowError(TypeError, /no JSON form/);
		}
	});
});

describe("pointers of unknown type between two vats", () => {
	const cleanup = Cleanup.afterEach();

	/** A store of anything, and of what its callers bring. */
	class Anything implements Partial<StoreMethods> {
		kept: AnyValue | undefined;
		get() {
			return { value: this.kept };
		}
		set({ value }: { value?: AnyValue }) {
			this.kept = value;
		}
		echo({ value, count }: { value?: AnyValue; count: number }) {
			const text = value === undefined ? "nothing" : count === 0 ? value.as("text") : value.kind;
			return { values: { key: anyValue("text", text), ...(value === undefined ? {} : { value }) } };
		}
	}

	it("are usable by the server of a generic method, whatever its caller binds", async () => {
		const server = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", {}));
		const client = cleanup.closing(await Vat.open());
		const store = client.connect(server.publish("anything", Store, new Anything()), Store);
		const text = await store.echo<string>({ value: "x" }, { types: ["text"] });
		expect([text.values!.key!.as("text"), text.values!.value]).toEqual(["x", "x"]);
		const point = await store.echo<Point>({ value: { x: 3 }, count: 1 }, { types: [{ struct: () => Point }] });
		expect([point.values!.key!.as("text"), point.values!.value]).toEqual(["struct", { x: 3, y: 0 }]);
		const open = await store.echo({ value: anyValue({ list: "uint16" }, [1, 2]), count: 1 });
		expect([open.values!.key!.as("text"), open.values!.value!.as({ list: "uint16" })]).toEqual(["list", [1, 2]]);
	});

	it("carry capabilities as references, which outlive the call that brought them", async () => {
		const server = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", {}));
		const client = cleanup.closing(await Vat.open());
		const store = client.connect(server.publish("anything", Store, new Anything()), Store);
		const heard: string[] = [];
		const listener: Partial<ListenerMethods<string>> = { changed: ({ value }) => void heard.push(value!) };
		const Texts = bind<Listener<string>>(Listener, "text");
		await store.set({ value: anyValue(Texts, listener as never) });
		const { value } = await store.get();
		expect(value!.kind).toBe("capability");
		{
			using reference = value!.as(Texts)!;
			await reference.changed({ value: "one" });
		}
		// In a list, inside a struct, and after the reference taken out of it was released.
		const list = anyValue({ list: { interface: () => Texts } }, [value!.as(Texts), listener as never]);
		await store.set({ value: list });
		const back = await store.get();
		for (const each of back.value!.as({ list: { interface: () => Texts } })) await each!.changed({ value: "both" });
		expect(heard).toEqual(["one", "both", "both"]);
		value!.release();
		expect(() => value!.as(Texts)).toThrowError(/released/);
		expect(() => encode(Box, { value: list })).toThrowError(TypeError, /needs a connection/);
	});
});
