import { BrokenHook } from "../cap/broken.js";
import { CYCLE, Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import { type Hook, HookKind } from "../cap/hook.js";
import { type PromiseHook, untie } from "../cap/promise.js";
import type { StructReader } from "../layout/struct-reader.js";
import { adopt, adoptTarget, isAnswered, protocolFault, readException } from "./adopt.js";
import { Embargo } from "./embargo.js";
import type { Export } from "./export.js";
import { exportOf, removeExport, replaceExported } from "./export-table.js";
import type { ImportHook } from "./import.js";
import type { Loopback } from "./loopback.js";
import {
	Context,
	DESCRIPTOR,
	DescriptorTag,
	DISEMBARGO,
	RELEASE,
	RESOLVE,
	ResolveTag,
	TARGET,
	TargetTag,
} from "./schema.js";
import type { State } from "./state.js";
import { sendDisembargo, sendRelease, sendResolve } from "./writer.js";

const BOGUS_DISEMBARGO = Object.freeze(
	new Exception(ExceptionType.FAILED, "disembargo of a capability that is not the sender's"),
);

// Imports, exports and embargoes: Resolve, Release, Disembargo in both directions.

/**
 * Resolves a promise of the peer to `hook` (takes the reference): at once where nothing was called through it or the
 * calls took the same way as later ones will; else when they have arrived. `detour`: the results came over this side.
 */
export function settle(state: State, promise: PromiseHook, hook: Hook, detour: boolean): void {
	const roundabout = detour || isDetour(state, hook);
	const target = hook.resolved();
	const theirs = target.brand === state;
	if (theirs && !roundabout) (target as PromiseHook).used ||= promise.used;
	if (closesKnot(state, promise, target)) {
		const broken = new BrokenHook(CYCLE);
		// It may be held by the knot alone.
		promise.addRef();
		untie(hook, target, broken);
		promise.resolve(broken);
		promise.release();
		return;
	}
	if (state.ended !== null || target.broken !== null || (theirs && !roundabout) || !promise.used) {
		promise.resolve(hook);
		return;
	}
	const embargo = state.embargoes.take();
	if (embargo === null) {
		hook.release();
		promise.resolve(new BrokenHook(OVERLOADED));
		return;
	}
	sendDisembargo(state, promise, Context.SENDER_LOOPBACK, embargo.id);
	promise.router = null;
	promise.brand = embargo;
	promise.addRef();
	embargo.hook = promise;
	embargo.target = hook;
}

/** Whether `promise` is what `target` waits for, itself or behind embargoes. Each side would wait for the other to lift its own. */
function closesKnot(state: State, promise: PromiseHook, target: Hook): boolean {
	let at = target;
	for (let steps = state.embargoes.max; at !== promise && steps > 0; steps--) {
		if (!(at.brand instanceof Embargo)) return false;
		at = at.brand.target!.resolved();
	}
	return true;
}

/** Whether calls on the peer's way to `hook` came through here, though it is the peer's by now. */
function isDetour(state: State, hook: Hook): boolean {
	const target = hook.resolved();
	if (target.brand !== state) return false;
	for (let at = hook; at !== target; at = at.next!) {
		if (at.kind !== HookKind.IMPORT || (at as ImportHook).home !== state || (at as ImportHook).detoured) return true;
	}
	return false;
}

export function importReleased(state: State, hook: ImportHook): void {
	if (state.imports.at(hook.id) === hook) {
		state.imports.remove(hook.id);
		if (state.ended === null) sendRelease(state, hook.id, hook.wireRefs);
	}
	state.freeImports.give(hook);
}

export function exportResolved(state: State, entry: Export): void {
	const target = entry.hook!.resolved();
	const theirs = target.brand === state;
	// Ours, and still open: the next news is for the peer.
	if (target.promise && !theirs) {
		target.listen(entry);
		return;
	}
	if (entry.promise) tellResolved(state, entry, target, theirs);
	// What it was may be a promise of the peer's, who holds this one in turn: broken, both would stay for ever.
	if (target.broken !== null) replaceExported(entry, target);
	else if (target.promise) target.listen(entry);
}

function tellResolved(state: State, entry: Export, target: Hook, theirs: boolean): void {
	entry.promise = false;
	const full = !theirs && state.exports.full && exportOf(state, target) === null;
	sendResolve(state, entry.id, target, target.broken ?? (full ? OVERLOADED : null));
}

export function receiveResolve(state: State, root: StructReader): void {
	const body = root.structAt(0, state.views.body);
	const id = body.uint32(RESOLVE.PROMISE_ID);
	const promise = state.imports.at(id);
	if (promise !== null && (promise.settled || !promise.promise))
		protocolFault("import " + id + " resolved twice, or no promise");
	const content = body.structAt(RESOLVE.CONTENT, state.views.part);
	let target: Hook;
	let detour = false;
	if (body.uint16(RESOLVE.WHICH) === ResolveTag.EXCEPTION) target = new BrokenHook(readException(content));
	else if (state.imports.full) {
		refuseDescriptor(state, content);
		target = new BrokenHook(OVERLOADED);
	} else {
		target = adopt(state, content) ?? new BrokenHook(state.pools.nullHook.broken!);
		const which = content.uint16(DESCRIPTOR.WHICH);
		detour = which === DescriptorTag.RECEIVER_HOSTED || which === DescriptorTag.RECEIVER_ANSWER;
	}
	// Released here before the peer knew: the capability is for nobody.
	if (promise === null) target.release();
	else {
		promise.settled = true;
		promise.detoured = detour;
		settle(state, promise, target, detour);
	}
}

/** Gives back a capability for which there is no room. */
function refuseDescriptor(state: State, descriptor: StructReader): void {
	const which = descriptor.uint16(DESCRIPTOR.WHICH);
	if (which === DescriptorTag.SENDER_HOSTED || which === DescriptorTag.SENDER_PROMISE)
		sendRelease(state, descriptor.uint32(DESCRIPTOR.ID), 1);
}

export function receiveRelease(state: State, root: StructReader): void {
	const body = root.structAt(0, state.views.body);
	releaseExport(state, body.uint32(RELEASE.ID), body.uint32(RELEASE.COUNT));
}

/** One descriptor each. */
export function releaseExports(state: State, ids: readonly number[], count: number): void {
	for (let i = 0; i < count; i++) releaseExport(state, ids[i]!, 1);
}

export function releaseExport(state: State, id: number, count: number): void {
	const entry = state.exports.at(id);
	if (entry === null) return protocolFault("release of unknown export " + id);
	if (count === 0 || count > entry.refs)
		return protocolFault("release of export " + id + " by " + count + " of " + entry.refs);
	entry.refs -= count;
	if (entry.refs === 0) removeExport(state, entry).release();
}

export function receiveDisembargo(state: State, root: StructReader): boolean {
	const body = root.structAt(0, state.views.body);
	const id = body.uint32(DISEMBARGO.ID);
	const context = body.uint16(DISEMBARGO.CONTEXT);
	if (context === Context.RECEIVER_LOOPBACK) {
		embargoLifted(state, id);
		return true;
	}
	if (context !== Context.SENDER_LOOPBACK) return false;
	const target = body.structAt(DISEMBARGO.TARGET, state.views.part);
	if (target.uint16(TARGET.WHICH) === TargetTag.PROMISED_ANSWER && !isAnswered(state, target))
		protocolFault("disembargo of no answer");
	const named = adoptTarget(state, target);
	// What it follows waits here itself, behind an embargo of ours perhaps: it goes back when that has gone.
	if (waits(state, named)) {
		const loopback = state.loopbacks.take();
		if (loopback === null) {
			named.release();
			return protocolFault("more disembargoes than can wait");
		}
		loopback.embargoId = id;
		loopback.hook = named;
		named.resolved().listen(loopback);
		return true;
	}
	const sent = loop(state, named, id);
	named.release();
	return sent ? true : protocolFault(BOGUS_DISEMBARGO.reason);
}

export function loopbackResolved(state: State, loopback: Loopback): void {
	const named = loopback.hook!;
	if (waits(state, named)) {
		named.resolved().listen(loopback);
		return;
	}
	const id = loopback.embargoId;
	loopback.hook = null;
	state.loopbacks.give(loopback);
	if (!loop(state, named, id)) state.doom = BOGUS_DISEMBARGO;
	named.release();
}

function waits(state: State, named: Hook): boolean {
	const hook = named.resolved();
	return hook.promise && hook.brand !== state;
}

/** Sends a disembargo back on the way of the calls before it; false where that never led to the peer. */
function loop(state: State, named: Hook, id: number): boolean {
	const hook = named.resolved();
	const still = hook.brand === state;
	// It was the peer's when the peer learned of it, and has broken or come home since: those calls have arrived.
	let theirs = still || hook.broken !== null;
	for (let at = named; at !== hook && !theirs; at = at.next!)
		theirs = at.kind !== HookKind.LOCAL && (at as PromiseHook).home === state;
	if (theirs) sendDisembargo(state, still ? hook : null, Context.RECEIVER_LOOPBACK, id);
	return theirs;
}

/** The disembargo `id` came back: what was called before has arrived. */
export function embargoLifted(state: State, id: number): void {
	const embargo = state.embargoes.at(id);
	if (embargo === null) return protocolFault("unknown embargo " + id);
	lift(state, embargo, embargo.target!);
}

function lift(state: State, embargo: Embargo, target: Hook): void {
	const hook = embargo.hook!;
	embargo.hook = embargo.target = null;
	state.embargoes.give(embargo);
	hook.resolve(target);
	hook.release();
}

/** The connection has ended: everything breaks, nothing is sent. */
export function endCapabilities(state: State): void {
	for (let i = 0; i < state.embargoes.span; i++) {
		const embargo = state.embargoes.at(i);
		if (embargo === null) continue;
		embargo.target!.release();
		lift(state, embargo, new BrokenHook(state.ended!));
	}
	for (let i = 0; i < state.loopbacks.span; i++) {
		const loopback = state.loopbacks.at(i);
		if (loopback === null) continue;
		const hook = loopback.hook!;
		if (loopback.listensTo !== null) loopback.listensTo.unlisten(loopback);
		loopback.hook = null;
		state.loopbacks.give(loopback);
		hook.release();
	}
	for (let i = 0; i < state.imports.span;) {
		// Removing may move a later one here.
		const hook = state.imports.slot(i);
		if (hook === null) {
			i++;
			continue;
		}
		state.imports.remove(hook.id);
		if (hook.next === null) hook.resolve(new BrokenHook(state.ended!));
	}
	for (let i = 0; i < state.exports.span; i++) {
		const entry = state.exports.at(i);
		if (entry !== null) removeExport(state, entry).release();
	}
}
