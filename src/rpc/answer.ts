import type { Call } from "../cap/call.js";
import type { ReturnHandler } from "../cap/call-roles.js";
import type { Exception } from "../cap/exception.js";
import { answerReturned } from "./answering.js";
import type { State } from "./state.js";

/**
 * A call (or bootstrap) of the peer that runs here; the caller of `call`.
 *
 * Life: free → running (Call received) → returned (Return sent; its capabilities can be pipelined on) → free at Finish.
 * Where the results have no capabilities, returned → free at once: the Return says that no Finish is needed. A Finish
 * while running cancels: a Return `canceled` goes out and the answer is free, though the server may take its time; the
 * call counts against the peer's budget until it has ended. A silent one says none of that, and always ends by Finish.
 */
export class Answer implements ReturnHandler {
	id = 0;
	/** Held. */
	call: Call | null = null;
	/** The Return was sent. */
	answered = false;
	/** The caller wants its pipeline alone (`onlyPromisePipeline`): no Return is sent. */
	silent = false;
	/** The results are for one of our own questions (`sendResultsTo.yourself`). */
	elsewhere = false;
	/** That question's call; held until it has its outcome. */
	taker: Call | null = null;
	/** `takeFromOtherQuestion` named it already. */
	taken = false;
	/** Finish came while `taker` still waits. */
	finished = false;
	/** Exports that the results brought, for a peer that leaves their release to us. */
	readonly resultExports: number[] = [];
	resultExportCount = 0;
	readonly state: State;

	constructor(state: State) {
		this.state = state;
	}

	/** As caller. */
	returned(call: Call): void {
		answerReturned(this.state, this, call, null);
	}

	failed(call: Call, exception: Exception): void {
		answerReturned(this.state, this, call, exception);
	}

	reset(): void {
		this.call = null;
		this.answered = this.silent = false;
		this.resultExportCount = 0;
		if (!this.elsewhere) return;
		this.taker = null;
		this.elsewhere = this.taken = this.finished = false;
	}
}
