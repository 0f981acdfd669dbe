import type { Hook } from "../cap/hook.js";
import type { Export } from "./export.js";
import type { State } from "./state.js";

/**
 * The entry under which `hook` can be described again, or null. A broken one has none: the Resolve of its entry is out, and a peer that has given
 * the entry back meanwhile would wait for another.
 */
export function exportOf(state: State, hook: Hook): Export | null {
	if (hook.broken !== null) return null;
	const { exports } = state;
	let entry = hook.exported as Export | null;
	while (entry !== null && exports.at(entry.id) !== entry) entry = entry.nextOfHook;
	return entry;
}

/** Enters a hook with one descriptor; takes a reference. Null where the table is full. */
export function addExport(state: State, hook: Hook): Export | null {
	const entry = state.exports.take();
	if (entry === null) return null;
	entry.refs = 1;
	entry.promise = hook.promise;
	link(entry, hook);
	return entry;
}

/** The entry stands for `hook` from here on (takes a reference of its own), and lets go of what it stood for. */
export function replaceExported(entry: Export, hook: Hook): void {
	const old = unlink(entry);
	link(entry, hook);
	old.release();
}

/** Removes an entry; its reference becomes the caller's, who releases it when nothing else is left to do. */
export function removeExport(state: State, entry: Export): Hook {
	if (entry.listensTo !== null) entry.listensTo.unlisten(entry);
	const hook = unlink(entry);
	entry.refs = 0;
	state.exports.give(entry);
	return hook;
}

function link(entry: Export, hook: Hook): void {
	hook.addRef();
	entry.hook = hook;
	entry.nextOfHook = hook.exported as Export | null;
	hook.exported = entry;
}

/** The entry's reference to the hook becomes the caller's. */
function unlink(entry: Export): Hook {
	const hook = entry.hook!;
	let at = hook.exported as Export;
	if (at === entry) hook.exported = entry.nextOfHook;
	else {
		while (at.nextOfHook !== entry) at = at.nextOfHook!;
		at.nextOfHook = entry.nextOfHook;
	}
	entry.nextOfHook = null;
	entry.hook = null;
	return hook;
}
