import type { CapHook } from "../arena/cap-slots.js";
import type { Call } from "./call.js";
import type { Exception } from "./exception.js";

/** Is told when a promised capability becomes another. In one list at a time; belongs to whoever listens. */
export abstract class HookListener {
	nextListener: HookListener | null = null;
	listensTo: Hook | null = null;

	/** `hook.resolved()` has changed; the listener is off the list already and may listen again. */
	abstract hookResolved(hook: Hook): void;
}

/** What kind of capability a hook is at present. */
export const HookKind = {
	/** A server in this vat. */
	LOCAL: 0,
	/** Every call fails. */
	BROKEN: 1,
	/** A promise of this vat: calls wait. */
	PROMISE: 2,
	/** A capability of a peer. */
	IMPORT: 3,
	/** A field of results that are not there yet. */
	PIPELINED: 4,
} as const;

/**
 * A capability: the seam between those who call and those who answer, which may be in this vat or behind a connection.
 *
 * Life: held by references, counted by hand → a promise may become another hook, once (`next`) → the last reference is
 * released and the hook goes back to its owner. Whoever makes a hook holds its first reference.
 */
export abstract class Hook implements CapHook {
	refs = 1;
	/** What this promise became; null while it is itself. Holds a reference. */
	next: Hook | null = null;
	/** Whose capability it is when a peer has to be asked: a connection. Null in this vat, or the embargo that calls wait for. */
	brand: object | null = null;
	/** Whether it may still become another hook. */
	promise = false;
	/** Why every call fails. */
	broken: Exception | null = null;
	/** Export entries of connections that know this hook; the connections' business. */
	exported: object | null = null;
	readonly kind: number;
	private listeners: HookListener | null = null;

	constructor(kind: number) {
		this.kind = kind;
	}

	/** Takes over `call` as its callee: it ends it, now or later. */
	abstract deliver(call: Call): void;

	/** The last reference is gone. */
	protected abstract unreferenced(): void;

	addRef(): void {
		this.refs++;
	}

	release(): void {
		if (this.refs <= 0) throw new Error("capability released more often than referenced");
		if (--this.refs === 0) this.unreferenced();
	}

	/** The hook that calls reach now. Borrowed. */
	resolved(): Hook {
		let hook: Hook = this;
		while (hook.next !== null) hook = hook.next;
		return hook;
	}

	/** Takes a listener on; it is told once. Only for promises. */
	listen(listener: HookListener): void {
		listener.listensTo = this;
		listener.nextListener = this.listeners;
		this.listeners = listener;
	}

	/** Takes a listener of its own off again. */
	unlisten(listener: HookListener): void {
		let at = this.listeners!;
		if (at === listener) this.listeners = listener.nextListener;
		else {
			while (at.nextListener !== listener) at = at.nextListener!;
			at.nextListener = listener.nextListener;
		}
		listener.nextListener = null;
		listener.listensTo = null;
	}

	/** Tells all; each may listen, unlisten others or release hooks meanwhile. */
	protected tellListeners(): void {
		while (this.listeners !== null) {
			const listener = this.listeners;
			this.unlisten(listener);
			listener.hookResolved(this);
		}
	}
}
