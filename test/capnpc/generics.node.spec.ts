import { Vat } from "vatlet";
import { bind, Fault, fromJson, MessagePool, readMessage, toJson } from "vatlet/runtime";
import { Entries, Entry, Listener, Point, Store, TextStore, type StoreMethods } from "./generics.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";

function bytesOf(object: Parameters<typeof Entries.fromObject>[0]): Uint8Array {
	const message = new MessagePool().take()!;
	Entries.fromObject(object, message.initRoot(Entries.createBuilder(), Entries.dataWords, Entries.pointerCount));
	return message.toBytes();
}

describe("generic structs as plain objects", () => {
	it("have in place of their parameters what those are bound to", () => {
		const words: Entry<string, Uint8Array> = {
			key: "k",
			value: Uint8Array.of(1, 2),
			next: { key: "n", value: Uint8Array.of(3), empty: null, meta: { owner: "", note: "" } },
			swapped: { key: Uint8Array.of(4), value: "v", empty: null, meta: { owner: Uint8Array.of(), note: "" } },
			alternative: Uint8Array.of(5),
			meta: { owner: "me", note: "mine" },
		};
		const points = { key: "p", value: { x: 1, y: 2 }, empty: null };
		const lists = { key: [{ x: 3, y: 4 }], value: [1, 65535], empty: null };
		const bytes = bytesOf({ words, points, lists, many: [{ key: "a", value: "b" }, { alternative: "c" }] });
		const read = Entries.toObject(readMessage(bytes).readRoot(Entries.createReader()));
		expect(read.words!.next!.value).toEqual(Uint8Array.of(3));
		expect(read.words!.swapped!.value).toBe("v");
		expect(read.words!.alternative).toEqual(Uint8Array.of(5));
		expect(read.words!.meta).toEqual({ owner: "me", note: "mine" });
		expect(read.points!.value).toEqual({ x: 1, y: 2 });
		expect([read.lists!.key, read.lists!.value]).toEqual([[{ x: 3, y: 4 }], [1, 65535]]);
		expect(read.many.map((each) => each.value ?? each.alternative)).toEqual(["b", ""]);
	});

	it("are read by themselves with `bind`, and keep their JSON", () => {
		const type = bind<Entry<string, Point>>(Entry, "text", { struct: () => Point });
		const message = new MessagePool().take()!;
		const builder = message.initRoot(Entry.createBuilder(), Entry.dataWords, Entry.pointerCount);
		fromJson(type, '{"key": "k", "alternative": {"x": 1, "y": 2}, "next": {"value": {"x": 5}}}', builder);
		const reader = readMessage(message.toBytes()).readRoot(Entry.createReader());
		const point: Point | null | undefined = type.toObject(reader).alternative;
		expect(point).toEqual({ x: 1, y: 2 });
		expect(JSON.parse(toJson(type, reader))).toEqual({
			key: "k",
			alternative: { x: 1, y: 2 },
			next: { value: { x: 5, y: 0 }, empty: null, meta: {} },
			meta: {},
		});
		expect(() => bind(Entry, "text", "text").toObject(reader)).toThrowError(Fault);
	});

	it("refuse values where nothing is bound", () => {
		expect(() => bytesOf({ open: { key: "x" as never } })).toThrowError(
			TypeError,
			/Entries\.open: Entry\.key: .*say what it is bound to/,
		);
	});
});

describe("generic interfaces and methods, between two vats", () => {
	const cleanup = Cleanup.afterEach();

	class Texts implements StoreMethods<string> {
		value = "";
		readonly heard: string[] = [];
		get() {
			return { value: this.value };
		}
		async set({ value }: { value?: string }) {
			this.value = value ?? "";
		}
		async watch({ listener }: { listener: Listener<string> | null }) {
			await listener!.changed({ value: this.value });
			return { entry: { key: "now", value: this.value } };
		}
		echo({ count }: { count: number }) {
			return { values: { key: `${this.value}${count}` } };
		}
		fork() {
			const copy = new Texts();
			copy.value = this.value;
			return { store: copy };
		}
		length() {
			return { characters: this.value.length };
		}
	}

	it("carry what their parameters are bound to", async () => {
		const server = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", {}));
		const client = cleanup.closing(await Vat.open());
		const store = client.connect(server.publish("texts", TextStore, new Texts()), TextStore);
		await store.set({ value: "hällo" });
		expect((await store.get()).value).toBe("hällo");
		expect((await store.length()).characters).toBe(5);
		const heard: string[] = [];
		const { entry } = await store.watch({ listener: { changed: ({ value }) => void heard.push(value!) } });
		expect([heard, entry!.key, entry!.value]).toEqual([["hällo"], "now", "hällo"]);
		// Of another pipelined capability of the same kind, through results that are not there yet.
		expect((await store.fork().store.fork().store.get()).value).toBe("hällo");
		const asBase = store.as(bind<Store<string>>(Store, "text"));
		const { values } = await asBase.echo<Point>(
			{ value: { x: 1, y: 2 }, count: 3 },
			{ types: [{ struct: () => Point }] },
		);
		expect([values!.key, values!.value]).toEqual(["hällo3", undefined]);
		await expectAsync(asBase.echo<Point>({ value: { x: 1, y: 2 } })).toBeRejectedWithError(TypeError, /unknown type/);
		await expectAsync(asBase.get({}, { types: ["text"] })).toBeRejectedWithError("get has no type parameters");
	});
});
