import type { Call } from "./call.js";
import type { Exception } from "./exception.js";

/** Gets the outcome of a call, exactly once unless it let go of the call before. */
export interface ReturnHandler {
	/** `call.readResults` works until this returns; longer for those who hold the call. */
	returned(call: Call): void;
	/** `exception` may be kept. */
	failed(call: Call, exception: Exception): void;
}

/** What will answer a call: a server, a question, the queue of a promise. */
export interface Callee {
	/** Nobody wants the results any more. The callee still ends the call. */
	canceled(call: Call): void;
	/** The call has ended and its results were released. */
	finished(call: Call): void;
}

/** Where a call came in from; wants its budget back. */
export interface CallOrigin {
	/** Neither the call nor its memory is in use any more. */
	callClosed(call: Call): void;
}

/** A server that wants to stop early. */
export interface CancelHandler {
	canceled(call: Call): void;
}

/** How far a call is. */
export const CallState = { FREE: 0, BUILDING: 1, DELIVERED: 2, ENDED: 3 } as const;
