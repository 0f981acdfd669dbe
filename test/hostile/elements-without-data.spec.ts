import {
	AnyBuilder,
	copyStruct,
	FaultCode,
	Float64ListBuilder,
	Float64ListReader,
	ListListBuilder,
	type Message,
	MessagePool,
	StructBuilder,
	StructReader,
	Uint8ListBuilder,
} from "vatlet/runtime";
import { expectFault } from "../support/faults.js";
import { listPointer, message, NULL, structPointer } from "../support/words.js";

// Structs without data where the schema has numbers: they read as zeroes, which all messages of a pool share. Building in
// such a list, once it was copied from a peer, changed what absent numbers are in every other message.
describe("A list of structs without data, copied and edited as numbers", () => {
	const pool = new MessagePool();
	const sent = (): Message =>
		message([[...structPointer(0, 0, 1), ...listPointer(0, 7, 2), ...structPointer(2, 0, 1), ...NULL, ...NULL]]);

	function copied(): Message {
		const copy = pool.take()!;
		copyStruct(sent().readRoot(new StructReader()).at, copy.rootAny(new AnyBuilder()).at, 0);
		return copy;
	}

	function root(of: Message): StructBuilder {
		return of.rootAny(new AnyBuilder()).readStruct(new StructBuilder());
	}

	it("reads as zeroes", () => {
		const list = copied().readRoot(new StructReader()).listAt(0, new Float64ListReader());
		expect([list.length, list.get(0), list.get(1)]).toEqual([2, 0, 0]);
	});

	it("is refused, and absent numbers stay zero", () => {
		const one = copied();
		for (const list of [new Float64ListBuilder(), new Uint8ListBuilder()]) {
			expectFault(FaultCode.ELEMENT, () => root(one).listFor(0, list));
			expect(list.length).toBe(0);
			expect(() => list.set(0, 42)).toThrowError(RangeError);
		}
		const other = copied().readRoot(new StructReader()).listAt(0, new Float64ListReader());
		expect([other.get(0), other.get(1)]).toEqual([0, 0]);
	});

	it("is refused in lists of lists and behind pointers of unknown type", () => {
		const built = pool.take()!;
		const lists = built.rootAny(new AnyBuilder()).initList(1, new ListListBuilder<Float64ListBuilder>());
		const from = sent().readRoot(new StructReader());
		const holder = new AnyBuilder();
		holder.at.copyFrom(lists.aim(0));
		holder.copy(from.anyAt(0, new AnyBuilder()));
		expectFault(FaultCode.ELEMENT, () => lists.edit(0, new Float64ListBuilder()));
		expectFault(FaultCode.ELEMENT, () => holder.editList(new Float64ListBuilder()));
	});

	it("is empty where it has no elements, and can be made anew", () => {
		const one = copied();
		expect(root(one).listFor(3, new Float64ListBuilder()).length).toBe(0);
		root(one).newList(0, 2, new Float64ListBuilder()).set(1, 5);
		expect(one.readRoot(new StructReader()).listAt(0, new Float64ListReader()).get(1)).toBe(5);
	});
});
