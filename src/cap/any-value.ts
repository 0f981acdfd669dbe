import type { CapHook } from "../arena/cap-slots.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { AnyKind, AnyReader } from "../layout/any-reader.js";
import { measurePointer, Size } from "../layout/measure.js";
import { StructBuilder } from "../layout/struct-builder.js";
import { StructReader } from "../layout/struct-reader.js";
import { Place } from "../arena/place.js";
import { readMessage } from "../message/flat.js";
import type { Message } from "../message/message.js";
import { MessagePool } from "../message/message-pool.js";
import type { CapabilitySink, CapabilitySource, EnumType, FieldType, InterfaceType, StructType } from "./descriptor.js";
import type { Capability, RemoteObject } from "./remote-types.js";

/** What an AnyValue can be told to be: a generated table, or what tables say of a field. */
export type AnyType = StructType<unknown> | InterfaceType<unknown> | FieldType;

/** The plain form of an AnyType. */
export type PlainOf<T> =
	T extends StructType<infer P>
		? P
		: T extends InterfaceType<infer Remote>
			? Remote | null
			: T extends { readonly list: infer E }
				? PlainOf<E>[]
				: T extends { readonly struct: () => StructType<infer P> }
					? P
					: T extends { readonly interface: () => InterfaceType<infer Remote> }
						? Remote | null
						: T extends { readonly enum: () => EnumType }
							? string
							: T extends keyof PlainScalars
								? PlainScalars[T]
								: T extends string
									? number
									: unknown;

interface PlainScalars {
	void: null;
	bool: boolean;
	int64: bigint;
	uint64: bigint;
	text: string;
	data: Uint8Array;
	capability: Capability | null;
	any: AnyValue;
	anyStruct: AnyValue;
	anyList: AnyValue;
}

/** A capability in a value: a reference that is the value's own, or what its maker gave, with the interface meant. */
interface Carried {
	readonly value: unknown;
	readonly type: InterfaceType<unknown> | null;
	readonly owned: boolean;
}

/** How a plain value is made of pointer 0 of `holder`. */
export type ReadAny = (type: FieldType, holder: StructReader, caps: CapabilitySource) => unknown;

/**
 * What stands behind an AnyPointer, AnyStruct or AnyList, in a plain object: a copy, which outlives the message that it was in.
 * `as` says what it is; `anyValue` makes one. Capabilities in it are references of its own, until `release`.
 */
export class AnyValue implements Disposable {
	/** One framed message, whose root it is; its capability pointers are indexes into `#carried`. */
	readonly #bytes: Uint8Array;
	readonly #carried: readonly Carried[];
	readonly #read: ReadAny;

	constructor(bytes: Uint8Array, carried: readonly Carried[], read: ReadAny) {
		this.#bytes = bytes;
		this.#carried = carried;
		this.#read = read;
	}

	/** A copy of what is behind `from`. Charged to its message's budget twice: it is measured before. */
	static copy(from: AnyReader, caps: CapabilitySource | null, read: ReadAny): AnyValue {
		const size = new Size();
		measurePointer(from.at, 0, size, new Place());
		const message = scratch(size.words + 1);
		message.rootAny(new AnyBuilder()).copy(from);
		const carried: Carried[] = [];
		for (let i = 0; i < message.caps.length; i++)
			carried.push({
				value: caps === null ? null : caps.capability(message.caps.at(i), null),
				type: null,
				owned: true,
			});
		const value = new AnyValue(message.toBytes(), carried, read);
		message.reset();
		return value;
	}

	/** What `fill` writes to pointer 0 of the builder that it is given. */
	static make(fill: (holder: StructBuilder, caps: CapabilitySink) => void, read: ReadAny): AnyValue {
		const carried: Carried[] = [];
		const sink: CapabilitySink = {
			hook(value, type) {
				if (value === null || value === undefined) return null;
				carried.push({ value, type, owned: false });
				return new Carrier(carried.length - 1);
			},
		};
		const message = scratch(WORDS);
		const holder = new StructBuilder();
		holder.at.copyFrom(message.rootAny(new AnyBuilder()).at);
		fill(holder, sink);
		// By their slots: `fill` may have asked for hooks that it did not write, or wrote through another message.
		const order: Carried[] = [];
		for (let i = 0; i < message.caps.length; i++) {
			const hook = message.caps.at(i) as Carrier | null;
			order.push(hook === null ? { value: null, type: null, owned: false } : carried[hook.index]!);
		}
		const value = new AnyValue(message.toBytes(), order, read);
		message.reset();
		return value;
	}

	/** "null" only of an element of a list. */
	get kind(): "null" | "struct" | "list" | "capability" {
		const { kind } = this.#open(() => null).rootAny(new AnyReader());
		if (kind === AnyKind.STRUCT) return "struct";
		if (kind === AnyKind.LIST) return "list";
		return kind === AnyKind.CAPABILITY ? "capability" : "null";
	}

	/**
	 * The value, if it is a `type`: `value.as(Point)`, `value.as("text")`, `value.as({ list: "uint8" })`, `value.as(Sensor)`, whose
	 * references are the caller's own. A struct of another type reads as what its words are in this one; throws `Fault` where a
	 * struct is wanted and a list is there, and the like.
	 */
	as<const T extends AnyType>(type: T): PlainOf<T> {
		const message = this.#open((_, i) => new Carrier(i));
		const holder = new StructReader();
		holder.at.copyFrom(message.rootAny(new AnyReader()).at);
		const source: CapabilitySource = {
			capability: (hook, wanted) =>
				hook === null ? null : referenceOf(this.#carried[(hook as Carrier).index]!, wanted),
		};
		return this.#read(fieldTypeOf(type), holder, source) as PlainOf<T>;
	}

	/** One framed message whose root it is, without its capabilities' references. */
	toBytes(): Uint8Array {
		return this.#bytes.slice();
	}

	/** Writes it where `into` is aimed. Without `caps` a capability is a TypeError. */
	write(into: AnyBuilder, caps: CapabilitySink | null): void {
		const message = this.#open(({ value, type }) => {
			if (value === null) return null;
			if (caps === null) throw new TypeError("a capability needs a connection to travel over");
			return caps.hook(value, type);
		});
		try {
			into.copy(message.rootAny(new AnyReader()));
		} finally {
			message.reset();
		}
	}

	/** Gives the references in it up; those that `as` gave are the caller's. Idempotent. */
	release(): void {
		for (const { value, owned } of this.#carried) if (owned && value !== null) (value as RemoteObject).release();
	}

	[Symbol.dispose](): void {
		this.release();
	}

	/** JSON has no form for it, and `{}` would hide that. */
	toJSON(): never {
		throw new TypeError("a pointer of unknown type has no JSON form: take the value out with as(Type)");
	}

	#open(hookOf: (carried: Carried, i: number) => CapHook | null): Message {
		const message = readMessage(this.#bytes, { caps: this.#carried.length });
		this.#carried.forEach((each, i) => message.caps.add(hookOf(each, i)));
		return message;
	}
}

/** Words of a value that most are smaller than; larger ones get more segments. */
const WORDS = 512;

/** Stands for a capability of an AnyValue in the messages that it reads. Nothing counts its references. */
class Carrier implements CapHook {
	readonly index: number;

	constructor(index: number) {
		this.index = index;
	}

	addRef(): void {}

	release(): void {}
}

function scratch(words: number): Message {
	return new MessagePool({ segmentWords: words, messages: 1 }).take()!;
}

function referenceOf({ value, owned }: Carried, type: InterfaceType<unknown> | null): unknown {
	// References take null for "any interface".
	return owned && value !== null ? (value as RemoteObject).as(type as InterfaceType<unknown>) : value;
}

export function fieldTypeOf(type: AnyType): FieldType {
	if (typeof type === "string") return type;
	if ("fields" in type) return { struct: () => type };
	return "methods" in type ? { interface: () => type } : type;
}
