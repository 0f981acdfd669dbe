import { type Hook, HookListener } from "../cap/hook.js";
import { exportResolved } from "./capabilities.js";
import type { State } from "./state.js";

/**
 * A capability that the peer holds of us.
 *
 * Life: free → exported (one descriptor sent; each further one counts in `refs`) → perhaps, where it is a promise, resolved
 * (Resolve sent, once) → Release has given back all `refs` → free. A capability has at most one export per connection; a broken one has
 * one for each descriptor.
 */
export class Export extends HookListener {
	id = 0;
	/** Holds a reference. */
	hook: Hook | null = null;
	/** Descriptors sent and not released. */
	refs = 0;
	/** Of a promise of which nothing was told yet. */
	promise = false;
	/** Exports of the same hook, on other connections. */
	nextOfHook: Export | null = null;
	/** Broken ones whose Resolve goes out behind the message that brought them. */
	nextPending: Export | null = null;
	readonly state: State;

	constructor(state: State) {
		super();
		this.state = state;
	}

	hookResolved(_hook: Hook): void {
		exportResolved(this.state, this);
	}
}
