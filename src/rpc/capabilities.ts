import { BrokenHook } from "../cap/broken.js";
import { CYCLE, Exception, ExceptionType, OVERLOADED } from "../cap/exception.js";
import { type Hook, HookKind } from "../cap/hook.js";
import { type PromiseHook, untie } from "../cap/promise.js";
import type { StructReader } from "../layout/struct-reader.js";
import { type Adopter, protocolFault } from "./adopt.js";
import { Embargo } from "./embargo.js";
import type { Export } from "./export.js";
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
import type { Writer } from "./writer.js";

const BOGUS_DISEMBARGO = Object.freeze(
	new Exception(ExceptionType.FAILED, "disembargo of a capability that is not the sender's"),
);

/** Imports, exports and embargoes: Resolve, Release, Disembargo in both directions. */
export class Capabilities {
	readonly #state: State;
	readonly #writer: Writer;
	readonly #adopter: Adopter;
	readonly #body: StructReader;
	readonly #part: StructReader;

	constructor(state: State, writer: Writer, adopter: Adopter) {
		this.#state = state;
		this.#writer = writer;
		this.#adopter = adopter;
		this.#body = state.views.body;
		this.#part = state.views.part;
	}

	/**
	 * Resolves a promise of the peer to `hook` (takes the reference): at once where nothing was called through it or the
	 * calls took the same way as later ones will; else when they have arrived. `detour`: the results came over this side.
	 */
	settle(promise: PromiseHook, hook: Hook, detour: boolean): void {
		const state = this.#state;
		const roundabout = detour || this.isDetour(hook);
		const target = hook.resolved();
		const theirs = target.brand === state.brand;
		if (theirs && !roundabout) (target as PromiseHook).used ||= promise.used;
		if (this.closesKnot(promise, target)) {
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
		this.#writer.disembargo(promise, Context.SENDER_LOOPBACK, embargo.id);
		promise.router = null;
		promise.brand = embargo;
		promise.addRef();
		embargo.hook = promise;
		embargo.target = hook;
	}

	/** Whether `promise` is what `target` waits for, itself or behind embargoes. Each side would wait for the other to lift its own. */
	private closesKnot(promise: PromiseHook, target: Hook): boolean {
		let at = target;
		for (let steps = this.#state.embargoes.max; at !== promise && steps > 0; steps--) {
			if (!(at.brand instanceof Embargo)) return false;
			at = at.brand.target!.resolved();
		}
		return true;
	}

	/** Whether calls on the peer's way to `hook` came through here, though it is the peer's by now. */
	private isDetour(hook: Hook): boolean {
		const target = hook.resolved();
		if (target.brand !== this.#state.brand) return false;
		for (let at = hook; at !== target; at = at.next!) {
			if (at.kind !== HookKind.IMPORT || (at as ImportHook).home !== this.#state.brand || (at as ImportHook).detoured)
				return true;
		}
		return false;
	}

	importReleased(hook: ImportHook): void {
		const state = this.#state;
		if (state.imports.at(hook.id) === hook) {
			state.imports.remove(hook.id);
			if (state.ended === null) this.#writer.release(hook.id, hook.wireRefs);
		}
		state.freeImports.give(hook);
	}

	exportResolved(entry: Export): void {
		const target = entry.hook!.resolved();
		const theirs = target.brand === this.#state.brand;
		// Ours, and still open: the next news is for the peer.
		if (target.promise && !theirs) {
			target.listen(entry);
			return;
		}
		if (entry.promise) this.tellResolved(entry, target, theirs);
		// What it was may be a promise of the peer's, who holds this one in turn: broken, both would stay for ever.
		if (target.broken !== null) this.#state.replaceExported(entry, target);
		else if (target.promise) target.listen(entry);
	}

	private tellResolved(entry: Export, target: Hook, theirs: boolean): void {
		entry.promise = false;
		const full = !theirs && this.#state.exports.full && this.#state.exportOf(target) === null;
		this.#writer.resolve(entry.id, target, target.broken ?? (full ? OVERLOADED : null));
	}

	// Capabilities.

	resolve(root: StructReader): void {
		const state = this.#state;
		const body = root.structAt(0, this.#body);
		const id = body.uint32(RESOLVE.PROMISE_ID);
		const promise = state.imports.at(id);
		if (promise !== null && (promise.settled || !promise.promise))
			protocolFault("import " + id + " resolved twice, or no promise");
		if (body.uint16(RESOLVE.WHICH) === ResolveTag.EXCEPTION) {
			if (promise === null) return;
			promise.settled = true;
			promise.resolve(new BrokenHook(this.#adopter.exception(body.structAt(RESOLVE.CONTENT, this.#part))));
			return;
		}
		const descriptor = body.structAt(RESOLVE.CONTENT, this.#part);
		let target: Hook;
		if (state.imports.full) {
			this.refuse(descriptor);
			target = new BrokenHook(OVERLOADED);
		} else {
			const hook = this.#adopter.adopt(descriptor);
			target = hook ?? new BrokenHook(state.pools.nullHook.broken!);
		}
		// Released here before the peer knew: the capability is for nobody.
		if (promise === null) target.release();
		else {
			promise.settled = true;
			const which = descriptor.uint16(DESCRIPTOR.WHICH);
			promise.detoured = which === DescriptorTag.RECEIVER_HOSTED || which === DescriptorTag.RECEIVER_ANSWER;
			this.settle(promise, target, promise.detoured);
		}
	}

	/** Gives back a capability for which there is no room. */
	private refuse(descriptor: StructReader): void {
		const which = descriptor.uint16(DESCRIPTOR.WHICH);
		if (which === DescriptorTag.SENDER_HOSTED || which === DescriptorTag.SENDER_PROMISE)
			this.#writer.release(descriptor.uint32(DESCRIPTOR.ID), 1);
	}

	release(root: StructReader): void {
		const body = root.structAt(0, this.#body);
		this.releaseExport(body.uint32(RELEASE.ID), body.uint32(RELEASE.COUNT));
	}

	/** One descriptor each. */
	releaseExports(ids: readonly number[], count: number): void {
		for (let i = 0; i < count; i++) this.releaseExport(ids[i]!, 1);
	}

	releaseExport(id: number, count: number): void {
		const entry = this.#state.exports.at(id);
		if (entry === null) return protocolFault("release of unknown export " + id);
		if (count === 0 || count > entry.refs)
			return protocolFault("release of export " + id + " by " + count + " of " + entry.refs);
		entry.refs -= count;
		if (entry.refs === 0) this.#state.removeExport(entry).release();
	}

	disembargo(root: StructReader): boolean {
		const state = this.#state;
		const body = root.structAt(0, this.#body);
		const id = body.uint32(DISEMBARGO.ID);
		const context = body.uint16(DISEMBARGO.CONTEXT);
		if (context === Context.RECEIVER_LOOPBACK) {
			this.lifted(id);
			return true;
		}
		if (context !== Context.SENDER_LOOPBACK) return false;
		const target = body.structAt(DISEMBARGO.TARGET, this.#part);
		if (target.uint16(TARGET.WHICH) === TargetTag.PROMISED_ANSWER && !this.#adopter.answered(target))
			protocolFault("disembargo of no answer");
		const named = this.#adopter.target(target);
		// What it follows waits here itself, behind an embargo of ours perhaps: it goes back when that has gone.
		if (this.waits(named)) {
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
		const sent = this.loop(named, id);
		named.release();
		return sent ? true : protocolFault(BOGUS_DISEMBARGO.reason);
	}

	loopbackResolved(loopback: Loopback): void {
		const named = loopback.hook!;
		if (this.waits(named)) {
			named.resolved().listen(loopback);
			return;
		}
		const id = loopback.embargoId;
		loopback.hook = null;
		this.#state.loopbacks.give(loopback);
		if (!this.loop(named, id)) this.#state.doom = BOGUS_DISEMBARGO;
		named.release();
	}

	private waits(named: Hook): boolean {
		const hook = named.resolved();
		return hook.promise && hook.brand !== this.#state.brand;
	}

	/** Sends a disembargo back on the way of the calls before it; false where that never led to the peer. */
	private loop(named: Hook, id: number): boolean {
		const brand = this.#state.brand;
		const hook = named.resolved();
		const still = hook.brand === brand;
		// It was the peer's when the peer learned of it, and has broken or come home since: those calls have arrived.
		let theirs = still || hook.broken !== null;
		for (let at = named; at !== hook && !theirs; at = at.next!)
			theirs = at.kind !== HookKind.LOCAL && (at as PromiseHook).home === brand;
		if (theirs) this.#writer.disembargo(still ? hook : null, Context.RECEIVER_LOOPBACK, id);
		return theirs;
	}

	/** The disembargo `id` came back: what was called before has arrived. */
	lifted(id: number): void {
		const embargo = this.#state.embargoes.at(id);
		if (embargo === null) return protocolFault("unknown embargo " + id);
		this.lift(embargo, embargo.target!);
	}

	private lift(embargo: Embargo, target: Hook): void {
		const hook = embargo.hook!;
		embargo.hook = embargo.target = null;
		this.#state.embargoes.give(embargo);
		hook.resolve(target);
		hook.release();
	}

	/** The connection has ended: everything breaks, nothing is sent. */
	end(): void {
		const state = this.#state;
		for (let i = 0; i < state.embargoes.span; i++) {
			const embargo = state.embargoes.at(i);
			if (embargo === null) continue;
			embargo.target!.release();
			this.lift(embargo, state.endedHook());
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
			if (hook.next === null) hook.resolve(state.endedHook());
		}
		for (let i = 0; i < state.exports.span; i++) {
			const entry = state.exports.at(i);
			if (entry !== null) state.removeExport(entry).release();
		}
	}
}
