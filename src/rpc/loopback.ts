import { type Hook, HookListener } from "../cap/hook.js";

/** What a loopback needs done when its capability is known. */
export interface LoopbackOwner {
	loopbackResolved(loopback: Loopback): void;
}

/**
 * A Disembargo of the peer that cannot go back yet, because what it follows waits here itself.
 *
 * Life: free → waiting (behind the calls that wait in `hook`) → `hook` resolves, they have gone, it goes back → free.
 */
export class Loopback extends HookListener {
	id = 0;
	/** The peer's id. */
	embargoId = 0;
	/** Holds a reference. */
	hook: Hook | null = null;
	private readonly owner: LoopbackOwner;

	constructor(owner: LoopbackOwner) {
		super();
		this.owner = owner;
	}

	hookResolved(_hook: Hook): void {
		this.owner.loopbackResolved(this);
	}
}
