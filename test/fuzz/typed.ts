import type { StructReader, StructType } from "vatlet/runtime";
import { AddressBook, Batch, Tree, Wide } from "../bench/codec.capnp.js";
import { Boxes, Defaults, Lists, Pointers, Scalars, Unions } from "../capnpc/everything.capnp.js";

/** Schemas whose types are not those of the message, as a rule. */
export class TypedReading {
	readonly #types = [
		Batch,
		AddressBook,
		Tree,
		Wide,
		Scalars,
		Defaults,
		Pointers,
		Lists,
		Unions,
		Boxes,
	] as unknown as StructType<unknown>[];

	/** Reads every field that one of the schemas has. */
	read(root: StructReader, salt: number): void {
		this.#types[(salt >>> 0) % this.#types.length]!.toObject(root);
	}
}
