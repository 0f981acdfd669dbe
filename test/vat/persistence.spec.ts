import {
	AnyBuilder,
	AnyReader,
	type Call,
	Exception,
	ExceptionType,
	type Hook,
	MessagePool,
	Server,
	StructBuilder,
	StructReader,
} from "vatlet/runtime";
import { formatUri, type CapnpUri } from "../../src/net/address.js";
import type { Store } from "../../src/ports/store.js";
import { ChainRestorer, type LoadAnswer, LoaderRestorer } from "../../src/vat/loader.js";
import { save, WithSturdyRef } from "../../src/vat/persistence.js";
import { TableRestorer } from "../../src/vat/restorer.js";
import { RecordError, SavedStore } from "../../src/vat/saved-store.js";
import { readSturdyRef, writeSturdyRef } from "../../src/vat/sturdy-ref.js";
import { derivedId, generateId, publicId } from "../../src/vat/service-id.js";
import { Adder, at, identity, serving, sums, World } from "./world.js";

class Answers {
	readonly hooks: Hook[] = [];
	readonly reasons: string[] = [];
	grant(hook: Hook): void {
		this.hooks.push(hook);
	}
	reject(exception: Exception): void {
		this.reasons.push(exception.reason);
	}
}

class MemoryStore implements Store {
	readonly records = new Map<string, Uint8Array>();
	get(domain: string, key: string, into: Uint8Array): number {
		const record = this.records.get(domain + "/" + key);
		if (record === undefined) return -1;
		into.set(record.subarray(0, into.length));
		return record.length;
	}
	put(domain: string, key: string, from: Uint8Array, length: number): void {
		this.records.set(domain + "/" + key, from.slice(0, length));
	}
	remove(domain: string, key: string): boolean {
		return this.records.delete(domain + "/" + key);
	}
	keyAt(domain: string, index: number): string | null {
		return (
			[...this.records.keys()].filter((name) => name.startsWith(domain + "/"))[index]?.slice(domain.length + 1) ?? null
		);
	}
}

describe("service ids", () => {
	it("are generated anew, derived alike, or public", () => {
		let next = 0;
		const counter = {
			fill: (into: Uint8Array, offset: number, length: number) => void into.fill(++next, offset, offset + length),
		};
		expect(generateId(counter)).not.toEqual(generateId(counter));
		expect(generateId(counter).length).toBe(20);
		expect(derivedId(identity(1), "main")).toEqual(derivedId(identity(1), "main"));
		expect(publicId("grüße")).toEqual(new Uint8Array([0x67, 0x72, 0xc3, 0xbc, 0xc3, 0x9f, 0x65]));
	});
});

describe("a loader restorer", () => {
	function loading() {
		const loads: LoadAnswer[] = [];
		const restorer = new LoaderRestorer({ load: (_id, _digest, answer) => void loads.push(answer) }, sums);
		return { loads, restorer };
	}

	it("loads once for all who ask, and again when nobody holds it any more", () => {
		const { loads, restorer } = loading();
		const answers = new Answers();
		const id = new Uint8Array([5]);
		restorer.restore(id, answers);
		restorer.restore(id, answers);
		expect(loads.length).toBe(1);
		const adder = new Adder();
		loads[0]!.loaded(adder);
		restorer.restore(id, answers);
		expect(loads.length).toBe(1);
		expect(new Set(answers.hooks).size).toBe(1);
		for (const hook of answers.hooks) hook.release();
		expect(adder.released_).toBe(1);
		restorer.restore(id, answers);
		expect(loads.length).toBe(2);
	});

	it("does not remember a failure", () => {
		const { loads, restorer } = loading();
		const answers = new Answers();
		restorer.restore(new Uint8Array([5]), answers);
		restorer.restore(new Uint8Array([5]), answers);
		loads[0]!.reject(new Exception(0, "disk on fire"));
		expect(answers.reasons).toEqual(["disk on fire", "disk on fire"]);
		restorer.restore(new Uint8Array([5]), answers);
		expect(loads.length).toBe(2);
	});

	it("stands behind a table", () => {
		const { loads, restorer } = loading();
		const table = new TableRestorer(sums);
		table.add(publicId("main"), new Adder().hook);
		const chain = new ChainRestorer([table, restorer]);
		const answers = new Answers();
		chain.restore(publicId("main"), answers);
		expect(answers.hooks.length).toBe(1);
		chain.restore(publicId("other"), answers);
		loads[0]!.reject(new Exception(0, "no such thing"));
		expect(answers.reasons).toEqual(["no such thing"]);
	});
});

describe("restorers in a row", () => {
	it("ask the next one for an unknown id, and nobody more once one failed", () => {
		const tables = [new TableRestorer(sums), new TableRestorer(sums)] as const;
		const broken = new LoaderRestorer(
			{ load: (_id, _digest, answer) => answer.reject(new Exception(ExceptionType.FAILED, "the disk is gone")) },
			sums,
		);
		const last = new TableRestorer(sums);
		const inner = new ChainRestorer(tables);
		const adder = new Adder();
		tables[1].add(new Uint8Array([1]), adder.hook);
		last.add(new Uint8Array([2]), adder.hook);
		const answers = new Answers();
		new ChainRestorer([inner, last]).restore(new Uint8Array([1]), answers);
		new ChainRestorer([inner, last]).restore(new Uint8Array([2]), answers);
		expect(answers.hooks.length).toBe(2);
		new ChainRestorer([inner, last]).restore(new Uint8Array([3]), answers);
		new ChainRestorer([inner, broken, last]).restore(new Uint8Array([2]), answers);
		new ChainRestorer([]).restore(new Uint8Array([1]), answers);
		expect(answers.reasons).toEqual([
			"Unknown persistent service ID",
			"the disk is gone",
			"Unknown persistent service ID",
		]);
		for (const hook of answers.hooks) hook.release();
		tables[1].clear();
		last.clear();
		expect(adder.released_).toBe(1);
	});
});

describe("a capability with a sturdy ref", () => {
	it("is saved over the network, and restored from what was saved", () => {
		const world = new World();
		const table = new TableRestorer(sums);
		const hub = world.vat(2, table);
		const device = world.vat(1);
		const uri = hub.uri(1, publicId("adder"));
		table.add(uri.id, new WithSturdyRef(new Adder(), uri).hook);
		hub.vat.listen(at(1));
		const saved: CapnpUri[] = [];
		const hook = device.vat.import(uri);
		save(device.pools, hook, {
			saved: (found) => void saved.push(found),
			failed: (exception) => fail(exception.reason),
		});
		world.settle();
		expect(formatUri(saved[0]!)).toBe(formatUri(uri));
		const outcome = device.ask(device.vat.import(saved[0]!), 1);
		world.settle();
		expect(outcome.number).toBe(2);
	});

	it("is a field in what another service saves, and found from there after both vats started again", () => {
		const records = new MemoryStore();
		const id = publicId("desk");
		/** A desk whose only state is the lamp that stands on it, somewhere else. */
		const lampOf = (store: SavedStore) =>
			readSturdyRef(store.load(id)!.readRoot(new StructReader()).anyAt(0, new AnyReader()));
		const start = () => {
			const world = new World();
			const lamps = world.vat(3, serving(new Adder()));
			const table = new TableRestorer(sums);
			const desks = world.vat(2, table);
			lamps.vat.listen(at(3));
			desks.vat.listen(at(2));
			return { world, lamps, desks, table, store: new SavedStore(records, "desks", sums) };
		};
		const before = start();
		const message = new MessagePool().take()!;
		const desk = message.initRoot(new StructBuilder(), 0, 1);
		writeSturdyRef(before.lamps.uri(3), desk.anyFor(0, new AnyBuilder()));
		before.store.save(id, message);

		const { world, desks, store } = start();
		expect(formatUri(lampOf(store))).toBe(formatUri(before.lamps.uri(3)));
		const outcome = desks.ask(desks.vat.import(lampOf(store)), 41);
		world.settle();
		expect(outcome.number).toBe(42);
	});

	it("that was taken back while a call was under way answers that call, and nobody who asks for it after", () => {
		const world = new World();
		const held: Call[] = [];
		class Held extends Adder {
			override dispatch(call: Call, high: number, low: number, methodId: number): number {
				if (call.readParams(new StructReader()).uint32(0) !== 7) return super.dispatch(call, high, low, methodId);
				held.push(call);
				return 0;
			}
		}
		const table = new TableRestorer(sums);
		const server = new Held();
		const id = publicId("held");
		table.add(id, server.hook);
		const hub = world.vat(2, table);
		const device = world.vat(1);
		hub.vat.listen(at(1));
		const hook = device.vat.import(hub.uri(1, id));
		const underWay = device.ask(hook, 7);
		world.settle();
		table.remove(id);
		const late = device.ask(device.vat.import(hub.uri(1, id)), 1);
		const known = device.ask(hook, 1);
		world.settle();
		expect(late.exception!.reason).toBe("Unknown persistent service ID");
		// Who has a reference keeps it.
		expect(known.number).toBe(2);
		expect(server.released_).toBe(0);
		held[0]!.initResults(new StructBuilder(), 1, 0).putUint32(0, 8);
		held[0]!.done();
		hook.release();
		world.settle();
		expect(underWay.number).toBe(8);
		expect(server.released_).toBe(1);
	});

	it("that cannot be saved says so", () => {
		const world = new World();
		class Plain extends Server {
			override dispatch(): number {
				return 1;
			}
		}
		const hub = world.vat(2, serving(new Plain()));
		const device = world.vat(1);
		hub.vat.listen(at(1));
		const failures: Exception[] = [];
		save(device.pools, device.vat.import(hub.uri(1)), {
			saved: () => fail("saved"),
			failed: (exception) => void failures.push(exception),
		});
		world.settle();
		expect(failures[0]!.type).toBe(3);
		expect(failures[0]!.reason).toContain("Unknown interface 14468694717054801553UL");
	});
});

describe("the store of saved services", () => {
	function number(message: { readRoot(into: StructReader): StructReader }): number {
		return message.readRoot(new StructReader()).uint32(0);
	}

	it("keeps messages under their ids, without writing the ids", () => {
		const records = new MemoryStore();
		const store = new SavedStore(records, "services", sums);
		const message = new MessagePool().take()!;
		message.initRoot(new StructBuilder(), 1, 0).putUint32(0, 77);
		const id = new Uint8Array(20).fill(9);
		expect(store.load(id)).toBeNull();
		store.save(id, message);
		expect(number(new SavedStore(records, "services", sums).load(id)!)).toBe(77);
		expect(store.remove(id)).toBeTrue();
		expect(store.load(id)).toBeNull();
	});

	it("refuses a damaged record and passes over one of another id", () => {
		const records = new MemoryStore();
		const store = new SavedStore(records, "services", sums);
		const message = new MessagePool().take()!;
		message.initRoot(new StructBuilder(), 1, 0).putUint32(0, 77);
		const id = new Uint8Array([1, 2, 3]);
		store.save(id, message);
		const name = [...records.records.keys()][0]!;
		const record = records.records.get(name)!;
		records.records.set(name, record.slice(0, record.length - 8));
		expect(() => store.load(id)).toThrowError(RecordError, /holds no message/);
		records.records.set(name, record.slice(0, 20));
		expect(() => store.load(id)).toThrowError(RecordError, /20 bytes/);
		const other = record.slice();
		other[31]! ^= 1;
		records.records.set(name, other);
		expect(store.load(id)).toBeNull();
	});
});
