import {
	AnyBuilder,
	AnyReader,
	CapListBuilder,
	CapListReader,
	Exhausted,
	MessagePool,
	StructBuilder,
	StructReader,
	type CapHook,
} from "vatlet/runtime";

class CountedHook implements CapHook {
	references = 1;

	addRef(): void {
		this.references++;
	}

	release(): void {
		this.references--;
	}
}

describe("Capabilities in messages", () => {
	it("are held until the message is reset", () => {
		const hook = new CountedHook();
		const message = new MessagePool().take()!;
		const root = message.initRoot(new StructBuilder(), 0, 2);
		root.putHook(0, hook);
		root.newList(1, 2, new CapListBuilder()).set(1, hook);
		expect(hook.references).toBe(3);
		const reader = message.readRoot(new StructReader());
		expect(reader.hook(0)).toBe(hook);
		const list = reader.listAt(1, new CapListReader());
		expect([list.hook(0), list.hook(1)]).toEqual([null, hook]);
		message.release();
		expect(hook.references).toBe(1);
	});

	it("are released when their pointer is overwritten or erased with its parent", () => {
		const hook = new CountedHook();
		const message = new MessagePool().take()!;
		const root = message.initRoot(new StructBuilder(), 0, 2);
		root.putHook(0, hook);
		root.putHook(0, null);
		expect(hook.references).toBe(1);
		root.newStruct(1, 0, 1, new StructBuilder()).putHook(0, hook);
		root.erase(1);
		expect(hook.references).toBe(1);
		message.release();
	});

	it("get a reference more in a copy", () => {
		const hook = new CountedHook();
		const pool = new MessagePool();
		const one = pool.take()!;
		const two = pool.take()!;
		one.initRoot(new StructBuilder(), 0, 1).putHook(0, hook);
		two.rootAny(new AnyBuilder()).copy(one.rootAny(new AnyReader()));
		expect(hook.references).toBe(3);
		one.release();
		expect(two.readRoot(new StructReader()).hook(0)).toBe(hook);
		two.release();
		expect(hook.references).toBe(1);
	});

	it("are limited in number", () => {
		const message = new MessagePool({ limits: { caps: 2 } }).take()!;
		const list = message.initRoot(new StructBuilder(), 0, 1).newList(0, 3, new CapListBuilder());
		const hook = new CountedHook();
		list.set(0, hook);
		list.set(1, hook);
		expect(() => list.set(2, hook)).toThrowError(Exhausted);
		message.release();
		expect(hook.references).toBe(1);
	});
});
