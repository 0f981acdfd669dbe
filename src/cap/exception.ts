import { Exhausted } from "../base/fault.js";

/** Why a call failed, as in rpc.capnp `Exception.Type`: what the caller can do about it, not what went wrong. */
export const ExceptionType = { FAILED: 0, OVERLOADED: 1, DISCONNECTED: 2, UNIMPLEMENTED: 3 } as const;
export type ExceptionType = number;

/** Application data carried in a Return: neither a bug here nor a broken protocol. Never changed once made. */
export class Exception {
	readonly type: ExceptionType;
	readonly reason: string;
	/** Where it happened on the other side; "" unless that side was asked to tell. */
	readonly trace: string;

	constructor(type: ExceptionType, reason: string, trace = "") {
		this.type = type;
		this.reason = reason;
		this.trace = trace;
	}
}

/** Ready made, so that running out of memory needs none. */
export const OVERLOADED = Object.freeze(new Exception(ExceptionType.OVERLOADED, "Overloaded"));
export const CANCELED = Object.freeze(new Exception(ExceptionType.FAILED, "Cancelled"));
export const NULL_CAPABILITY = Object.freeze(new Exception(ExceptionType.FAILED, "Called null capability"));
export const CLOSED = Object.freeze(new Exception(ExceptionType.DISCONNECTED, "Connection closed"));
export const CYCLE = Object.freeze(new Exception(ExceptionType.FAILED, "Promise resolves to itself"));
export const NO_STRUCT = Object.freeze(
	new Exception(ExceptionType.FAILED, "Pipelined through a pointer that is no struct"),
);
export const NO_CAPABILITY = Object.freeze(new Exception(ExceptionType.FAILED, "Invalid capability index!"));
export const ABANDONED = Object.freeze(
	new Exception(ExceptionType.FAILED, "Promise was dropped without being resolved"),
);

/** What a caller is told of something that was thrown. */
export function exceptionFor(error: unknown): Exception {
	if (error instanceof Exhausted) return OVERLOADED;
	return new Exception(ExceptionType.FAILED, error instanceof Error ? error.message : String(error));
}
