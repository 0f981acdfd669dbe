import { ListBuilder, ListReader } from "../../src/layout/list.js";
import type { StructBuilder } from "../../src/layout/struct-builder.js";
import type { StructReader } from "../../src/layout/struct-reader.js";

// src/layout/element-list.ts in C.

export abstract class ElementListReader<R extends StructReader> extends ListReader {
	read<T extends R>(i: number, into: T): T {
		return native("xs_codec_element").call(this, i, into);
	}
}

export abstract class ElementListBuilder<B extends StructBuilder> extends ListBuilder {
	edit<T extends B>(i: number, into: T): T {
		return native("xs_codec_element").call(this, i, into);
	}
}
