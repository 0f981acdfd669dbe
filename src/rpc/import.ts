import { HookKind } from "../cap/hook.js";
import { PromiseHook } from "../cap/promise.js";
import { importReleased } from "./capabilities.js";
import type { State } from "./state.js";

/**
 * A capability of the peer.
 *
 * Life: free → held (a descriptor named its id; each further one counts in `wireRefs`) → perhaps, where it is a promise,
 * resolved by Resolve to another hook → the last reference here is released: Release gives back all `wireRefs` at once →
 * free. A Resolve that comes after that is for nobody; its capability is released.
 */
export class ImportHook extends PromiseHook {
	id = 0;
	/** How often the peer sent it: what Release has to give back. */
	wireRefs = 0;
	/** A Resolve came. */
	settled = false;
	/** It resolved to something on this side, by the peer's word, whatever that is by now. */
	detoured = false;
	readonly state: State;

	constructor(state: State) {
		super(HookKind.IMPORT);
		this.state = state;
	}

	protected override unreferenced(): void {
		importReleased(this.state, this);
		this.reset();
		this.settled = this.detoured = false;
		this.wireRefs = 0;
		this.refs = 1;
	}
}
