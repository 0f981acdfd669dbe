import { type Hook, HookListener } from "../cap/hook.js";
import { loopbackResolved } from "./capabilities.js";
import type { State } from "./state.js";

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
	readonly state: State;

	constructor(state: State) {
		super();
		this.state = state;
	}

	hookResolved(_hook: Hook): void {
		loopbackResolved(this.state, this);
	}
}
