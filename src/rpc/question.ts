import type { Call } from "../cap/call.js";
import type { Callee } from "../cap/call-roles.js";
import { questionCanceled, questionFinished } from "./asking.js";
import type { State } from "./state.js";

/**
 * A call (or bootstrap) that the peer answers; the callee of `call`.
 *
 * Life: free → asked (Call sent) → returned (Return received; results in use) → finished (Finish sent, or not needed) →
 * free. Or asked → canceled (Finish sent, nobody waits) → free when the Return comes: until then the peer may still
 * use the id. A tail question's results go elsewhere: its Return says only that, and its call lives on until its own
 * caller finishes it, since calls may still be pipelined on it.
 */
export class Question implements Callee {
	id = 0;
	/** Null once canceled or finished. */
	call: Call | null = null;
	returned = false;
	finishSent = false;
	/** The peer has forgotten the answer already. */
	noFinish = false;
	/** Sent with `sendResultsTo.yourself`. */
	tail = false;
	/** Exports that the params brought, for a peer that leaves their release to us. */
	readonly paramExports: number[] = [];
	paramExportCount = 0;
	readonly state: State;

	constructor(state: State) {
		this.state = state;
	}

	canceled(_call: Call): void {
		questionCanceled(this.state, this);
	}

	finished(_call: Call): void {
		questionFinished(this.state, this);
	}

	reset(): void {
		this.call = null;
		this.returned = this.finishSent = this.noFinish = this.tail = false;
		this.paramExportCount = 0;
	}
}
