/**
 * Built-in objects that no code of the image can name are left out of its ROM heap, and with them the C behind them. What the engine
 * looks up itself stays, and what is reached by a symbol. Code that makes a built-in's name at run time finds nothing there.
 */
import type { EngineSource } from "./rom-engine.js";
import { FlashText, internalFlag, isCode, kinds, propertyOf, Slot, type RomSlots } from "./rom-slots.js";

/** What the image's code asks for: names of the engine, and features that go by no name, as xslink writes them. */
export interface Used {
	names: ReadonlySet<string>;
	features: ReadonlySet<string>;
	/** How many names the engine has; those of the image come after them. */
	engineNames: number;
}

export function parseUsed(text: string, engineNames: number): Used {
	const lines = text.split("\n").filter((line) => line !== "");
	return {
		names: new Set(lines.filter((line) => !line.startsWith("@"))),
		features: new Set(lines.filter((line) => line.startsWith("@")).map((line) => line.slice(1))),
		engineNames,
	};
}

/** These methods of strings make one of their argument. */
const regExp = ["@regexp", "match", "matchAll", "search"];

/** Global objects that the engine itself does without when no code names them, and what else makes them needed. */
const droppable: Readonly<Record<string, readonly string[]>> = {
	Atomics: [],
	BigInt: ["@bigint", "getBigInt64", "getBigUint64", "BigInt64Array", "BigUint64Array"],
	Compartment: [],
	Date: [],
	FinalizationRegistry: [],
	JSON: [],
	Math: [],
	ModuleSource: [],
	Proxy: [],
	Reflect: [],
	RegExp: regExp,
	Set: [],
	SharedArrayBuffer: [],
	WeakMap: [],
	WeakRef: [],
	WeakSet: [],
};

/** Objects without a global name that the engine keeps for itself, and what makes them needed: a name, or a feature. */
const droppableReferences: Readonly<Record<string, readonly string[]>> = {
	AsyncFromSyncIteratorPrototype: ["@for-await", "@async-generator"],
	AsyncGeneratorFunctionPrototype: ["@async-generator"],
	AsyncGeneratorPrototype: ["@async-generator"],
	AsyncIteratorPrototype: ["@for-await", "@async-generator"],
	ExecuteRegExpFunction: ["RegExp", ...regExp],
	GeneratorFunctionPrototype: ["@generator"],
	GeneratorPrototype: ["@generator"],
	InitializeRegExpFunction: ["RegExp", ...regExp],
	ProxyAccessor: ["Proxy", "Reflect"],
	RegExpStringIteratorPrototype: ["RegExp", ...regExp],
	SetIteratorPrototype: ["Set"],
};

/** References of the engine's stack that belong to the machine rather than to a global object; the first is the global object. */
const machineReferences = 13;

/** Leaves out of `heap` what the image's code cannot name. */
export function stripBuiltIns(heap: RomSlots, used: Used, engine: EngineSource): void {
	for (const name of unusedGlobals(used)) dropGlobal(heap, name);
	for (const name of unneeded(droppableReferences, used)) dropReference(heap, engine.references.get(name));
	const builtIns = findBuiltIns(heap, used.engineNames);
	for (const instance of builtIns) {
		for (let last = instance; last.next;) {
			const property: Slot = last.next;
			const name = engineNameOf(heap, property.id, used.engineNames);
			const kept = name === undefined || used.names.has(name) || engine.lookedUp.has(name);
			if (!kept && isStrippable(property, builtIns)) last.next = property.next;
			else last = property;
		}
	}
}

/** The engine's tables of what code can ask for without a name, as C text, made of `text`, those of the whole engine. */
export function stripDefaults(text: string, used: Used, bareFunctions: boolean): string {
	const unused = new Set<string>(unusedGlobals(used));
	const absent = [
		...Object.entries(featureFunctions).flatMap(([feature, names]) => (used.features.has(feature) ? [] : names)),
		...Object.entries(globalFunctions).flatMap(([name, functions]) => (unused.has(name) ? functions : [])),
		...(bareFunctions ? ["fxNewFunctionLength", "fxNewFunctionName"] : []),
	];
	for (const name of absent) text = text.replace(new RegExp(`^\\t${name},$`, "m"), "\tC_NULL,");
	return unused.has("Proxy") ? text.replace("&gxProxyBehavior", "&gxOrdinaryBehavior") : text;
}

const featureFunctions: Readonly<Record<string, readonly string[]>> = {
	async: ["fxNewAsyncInstance", "fxRunAsync"],
	generator: ["fxNewGeneratorInstance", "fxNewGeneratorFunctionInstance"],
	"async-generator": ["fxNewAsyncGeneratorInstance", "fxNewAsyncGeneratorFunctionInstance"],
	"for-await": ["fxRunForAwaitOf"],
	arguments: ["fxNewArgumentsSloppyInstance", "fxNewArgumentsStrictInstance"],
	eval: ["fxRunEval", "fxRunEvalEnvironment"],
};
const globalFunctions: Readonly<Record<string, readonly string[]>> = {
	SharedArrayBuffer: ["fxInitializeSharedCluster", "fxTerminateSharedCluster"],
	FinalizationRegistry: ["fxCleanupFinalizationRegistries"],
};

function unusedGlobals(used: Used): string[] {
	return unneeded(droppable, used).filter((name) => !used.names.has(name));
}

function unneeded(table: Readonly<Record<string, readonly string[]>>, used: Used): string[] {
	const needed = (name: string): boolean =>
		name.startsWith("@") ? used.features.has(name.slice(1)) : used.names.has(name);
	return Object.entries(table).flatMap(([name, others]) => (others.some(needed) ? [] : [name]));
}

/** One text for all names of the engine that neither code nor C can ask for, and that no object has. */
export function stripNames(heap: RomSlots, used: Used, engine: EngineSource): void {
	const kept = new Set([...used.names, ...engine.mentioned]);
	const ofObjects = new Set<number>();
	for (const slot of heap.reachable()) {
		if (slot.kind === kinds.symbol && typeof slot.values[0] === "number") ofObjects.add(slot.values[0]);
		if (slot.kind !== kinds.instance) continue;
		for (let property = slot.next; property; property = property.next) ofObjects.add(property.id);
	}
	const dropped = new Set<Slot>();
	let unnamed: Slot | null = null;
	for (let id = 1; id < used.engineNames; id++) {
		const key = heap.keys[id];
		if (key?.kind !== kinds.keyX || ofObjects.has(id) || kept.has(heap.nameOf(id)!)) continue;
		dropped.add(key);
		unnamed ??= key;
		heap.keys[id] = unnamed;
	}
	for (const [i, first] of heap.names.entries()) heap.names[i] = withoutKeys(first, dropped);
	if (unnamed === null) return;
	unnamed.next = null;
	unnamed.values[0] = new FlashText("?");
}

/** The keys of one hash, chained by `next`. */
function withoutKeys(key: Slot | null, dropped: ReadonlySet<Slot>): Slot | null {
	while (key && dropped.has(key)) key = key.next;
	for (let last = key; last?.next;)
		if (dropped.has(last.next)) last.next = last.next.next;
		else last = last.next;
	return key;
}

/** Symbols have descriptions instead of names. */
function engineNameOf(heap: RomSlots, id: number, engineNames: number): string | undefined {
	return id > 0 && id < engineNames && heap.keys[id]?.kind === kinds.keyX ? heap.nameOf(id) : undefined;
}

function globalObject(heap: RomSlots): Slot {
	const global = heap.stack.at(-1)!.values[0];
	if (!(global instanceof Slot)) throw new Error("the captured heap has no global object");
	return global;
}

/** The object that a property refers to. */
function objectOf(property: Slot | null): Slot | null {
	const value = property?.kind === kinds.reference ? property.values[0] : null;
	return value instanceof Slot ? value : null;
}

/** The global object, what it and the engine refer to, and the prototypes of those. */
function findBuiltIns(heap: RomSlots, engineNames: number): Set<Slot> {
	const global = globalObject(heap);
	const prototype = heap.idOf("prototype");
	const found = new Set<Slot>([global]);
	for (let property = global.next; property; property = property.next) {
		const object = objectOf(property);
		if (object && engineNameOf(heap, property.id, engineNames) !== undefined) found.add(object);
	}
	for (const slot of heap.stack.slice(0, -machineReferences)) {
		const object = objectOf(slot);
		if (object) found.add(object);
	}
	const prototypes = [...found].map((object) =>
		isHostFunction(object) ? objectOf(propertyOf(object, prototype)) : null,
	);
	for (const object of prototypes) if (object) found.add(object);
	return found;
}

function isHostFunction(instance: Slot): boolean {
	return instance.next !== null && isCode(instance.next) && instance.next.kind <= kinds.callback;
}

function isStrippable(property: Slot, builtIns: ReadonlySet<Slot>): boolean {
	if (property.flag & internalFlag) return false;
	const object = objectOf(property);
	if (object) return builtIns.has(object) || isHostFunction(object);
	return property.kind === kinds.accessor || property.kind === kinds.integer || property.kind === kinds.number;
}

/** Whether `object` is one of `gone`, or a method of one: that knows its home, and the engine refers to one of RegExp's. */
function belongsTo(object: unknown, gone: ReadonlySet<unknown>): boolean {
	if (gone.has(object)) return true;
	for (let slot = object instanceof Slot ? object.next : null; slot; slot = slot.next)
		if (slot.kind === kinds.home && slot.values.some((value) => value !== null && gone.has(value))) return true;
	return false;
}

function dropReference(heap: RomSlots, fromTop: number | undefined): void {
	if (fromTop === undefined)
		throw new Error("xsAll.h does not list what the ROM heap does without: is this another XS?");
	const place = heap.stack.length - 1 - fromTop;
	const { flag, id } = heap.stack[place]!;
	heap.stack[place] = new Slot(kinds.undefined, flag, id);
}

function dropGlobal(heap: RomSlots, name: string): void {
	const id = heap.idOf(name);
	const global = globalObject(heap);
	const object = objectOf(propertyOf(global, id));
	if (!object) return;
	const gone = new Set<unknown>([object, objectOf(propertyOf(object, heap.idOf("prototype")))]);
	for (let last: Slot = global; last.next;)
		if (last.next.id === id && !(last.next.flag & internalFlag)) last.next = last.next.next;
		else last = last.next;
	for (const [i, slot] of heap.stack.entries())
		if (i < heap.stack.length - machineReferences && slot.kind === kinds.reference && belongsTo(slot.values[0], gone))
			heap.stack[i] = new Slot(kinds.undefined, slot.flag, slot.id);
	if (name !== "Atomics") return;
	for (const slot of heap.reachable()) if (slot.kind === kinds.typedArray) slot.values[1] = 0;
}
