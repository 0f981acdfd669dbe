import { AnyKind, type AnyReader } from "../layout/any-reader.js";
import { BrokenHook } from "./broken.js";
import type { Call } from "./call.js";
import { CANCELED, NO_CAPABILITY, NO_STRUCT, NULL_CAPABILITY } from "./exception.js";
import type { Hook } from "./hook.js";
import type { Path } from "./path.js";
import type { Pools } from "./pools.js";

/** Aims `pools.walk` at the pointer at `path`; false where that is no capability. */
export function aimAtField(pools: Pools, content: AnyReader, path: Path): boolean {
	const any = pools.walk;
	const struct = pools.walkStruct;
	any.at.copyFrom(content.at);
	for (let i = 0; i < path.length; i++) {
		if (any.kind !== AnyKind.STRUCT) return false;
		any.readStruct(struct);
		struct.anyAt(path.fields[i]!, any);
	}
	return any.kind === AnyKind.CAPABILITY;
}

/** The capability at `path` of the results of a call that has ended; the caller's reference. Broken where there is none. */
export function takeField(call: Call, path: Path): Hook {
	if (call.exception !== null) return new BrokenHook(call.exception);
	if (call.results === null) return new BrokenHook(CANCELED);
	const any = call.pools.walk;
	if (!aimAtField(call.pools, call.resultsAt, path)) {
		const kind = any.kind;
		return new BrokenHook(
			kind === AnyKind.NULL ? NULL_CAPABILITY : kind === AnyKind.STRUCT ? NO_CAPABILITY : NO_STRUCT,
		);
	}
	const hook = any.hook() as Hook | null;
	if (hook === null) return new BrokenHook(NULL_CAPABILITY);
	// As it came: whoever settles a promise with it looks at the way it took.
	hook.addRef();
	return hook;
}
