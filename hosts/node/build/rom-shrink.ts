/** What makes a ROM heap smaller: leaving out what nobody asks for, and keeping one of what nobody can tell apart. */
import {
	ChunkByte,
	FlashAddress,
	FlashText,
	isCode,
	kinds,
	propertyOf,
	references,
	Slot,
	type RomSlots,
	type Value,
} from "./rom-slots.js";

/**
 * Kinds of slots without an identity of their own: two with the same contents, followed by the same, are one. A variable that a
 * program may still set differs from every other in its id, which names its place in RAM. An object is its instance slot, which
 * stays; what follows that is read only, since a program that changes an object gets a copy of all of it.
 */
const shareable: ReadonlySet<number> = new Set([
	kinds.undefined,
	kinds.null,
	kinds.boolean,
	kinds.integer,
	kinds.number,
	kinds.stringX,
	kinds.symbol,
	kinds.bigintX,
	kinds.reference,
	kinds.closure,
	kinds.callback,
	kinds.callbackX,
	kinds.code,
	kinds.codeX,
	kinds.accessor,
	kinds.home,
]);

const dontSetFlag = 8;
const constructFlag = 4;

/**
 * Prototypes of functions of these names, that of each as it was made: an object with nothing but `constructor`. Constructing one throws from
 * here on.
 */
export function dropPrototypes(heap: RomSlots, names: ReadonlySet<string>): void {
	const ids = { prototype: heap.idOf("prototype"), constructor: heap.idOf("constructor"), name: heap.idOf("name") };
	for (const instance of heap.reachable()) {
		const code = instance.kind === kinds.instance ? instance.next : null;
		if (!code || !isCode(code) || code.kind === kinds.callback || code.kind === kinds.callbackX) continue;
		const name = propertyOf(instance, ids.name)?.values[0];
		if (!(name instanceof FlashText) || !names.has(name.text)) continue;
		let before = code;
		while (before.next && before.next.id !== ids.prototype) before = before.next;
		const prototype = before.next?.kind === kinds.reference ? before.next.values[0] : null;
		const only = prototype instanceof Slot ? prototype.next : null;
		if (!only || only.next || only.id !== ids.constructor || only.values[0] !== instance) continue;
		before.next = before.next!.next;
		instance.flag &= ~constructFlag;
	}
}

/** `length` and `name` of functions, except those of Function.prototype, which are then everybody's. Stacks keep the names. */
export function dropFunctionProperties(heap: RomSlots): void {
	const ids = { length: heap.idOf("length"), name: heap.idOf("name") };
	for (const instance of heap.reachable()) {
		if (instance.kind !== kinds.instance || !instance.next || !isCode(instance.next)) continue;
		const { next: code } = instance;
		const ofEverybody = instance.values[1] instanceof Slot && !isFunctionInstance(instance.values[1]);
		if (ofEverybody) continue;
		for (let last: Slot = code; last.next;) {
			const { id, kind } = last.next;
			const isLength = id === ids.length && kind === kinds.integer;
			const isName = id === ids.name && (kind === kinds.string || kind === kinds.stringX);
			if (isLength || isName) last.next = last.next.next;
			else last = last.next;
		}
	}
}

function isFunctionInstance(instance: Slot): boolean {
	return instance.next !== null && isCode(instance.next);
}

/** Slots with the same contents become one. */
export function shareSlots(heap: RomSlots): void {
	const slots = heap.reachable();
	const environments = findEnvironments(heap, slots);
	for (const environment of environments) {
		environment.id = 0; // its place in RAM, were it to change
		for (let slot = environment.next; slot; slot = slot.next)
			if (slot.kind === kinds.closure && !isPrivateName(heap, slot.id)) slot.id = 0;
	}
	for (;;) {
		const twins = findTwins(heap.reachable(), environments);
		if (twins.size === 0) return;
		heap.replace(twins);
	}
}

/** Code reaches variables by position, and their names serve only who compiles text; private fields go by the name. */
function isPrivateName(heap: RomSlots, id: number): boolean {
	return heap.nameOf(id)?.startsWith("#") ?? true;
}

/** Numbers what a program can change anew: each is a word of RAM. Returns how many there are, with one that means none. */
export function renumberAliases(heap: RomSlots): number {
	const ids = new Map<number, number>();
	const renumber = (slot: Slot): void => {
		if (slot.id === 0) return;
		if (!ids.has(slot.id)) ids.set(slot.id, ids.size + 1);
		slot.id = ids.get(slot.id)!;
	};
	const slots = heap.reachable();
	const variables = new Set<Slot>();
	for (const slot of slots)
		if (slot.kind === kinds.closure && slot.values[0] instanceof Slot) variables.add(slot.values[0]);
	for (const slot of slots) if (slot.kind === kinds.instance) renumber(slot);
	for (const slot of variables) if (!(slot.flag & dontSetFlag)) renumber(slot);
	return ids.size + 1;
}

/** The objects that only functions refer to, as their closures: nobody can compare them. */
function findEnvironments(heap: RomSlots, slots: readonly Slot[]): Set<Slot> {
	const found = new Set<Slot>();
	const others = new Set<Value | null>(heap.chunks);
	for (const slot of slots) if (isCode(slot) && slot.values[1] instanceof Slot) found.add(slot.values[1]);
	for (const slot of slots) {
		others.add(slot.next).add(slot.values[0]);
		if (!isCode(slot)) others.add(slot.values[1]);
	}
	for (const slot of heap.stack) for (const value of references(slot)) others.add(value);
	for (const environment of found)
		if (others.has(environment) || environment.kind !== kinds.instance) found.delete(environment);
	return found;
}

function findTwins(slots: readonly Slot[], environments: ReadonlySet<Slot>): Map<Slot, Slot> {
	const numbers = new Map(slots.map((slot, i) => [slot, i]));
	const text = (value: Value | null): string => {
		if (value instanceof Slot) return `s${numbers.get(value)}`;
		if (value instanceof FlashText) return `t${value.text}`;
		if (value instanceof FlashAddress) return `f${value.address}`;
		return value instanceof ChunkByte ? `c${value.offset}` : String(value);
	};
	const firsts = new Map<string, Slot>();
	const twins = new Map<Slot, Slot>();
	for (const slot of slots) {
		if (!shareable.has(slot.kind) && !environments.has(slot)) continue;
		const contents = [slot.kind, slot.flag, slot.id, text(slot.next), ...slot.values.map(text)].join();
		const first = firsts.get(contents);
		if (first) twins.set(slot, first);
		else firsts.set(contents, slot);
	}
	return twins;
}
