import { Exception, ExceptionType } from "../cap/exception.js";

const TYPE_NAMES = ["failed", "overloaded", "disconnected", "unimplemented"] as const;

/** What the caller can do about it: nothing, try later, connect again, do without. */
export type RpcErrorType = (typeof TYPE_NAMES)[number];

/** An exception that came back from a call, or is to go back to a caller: thrown by a local method, it arrives with this type and reason. */
export class RpcError extends Error {
	override name = "RpcError";
	readonly type: RpcErrorType;
	/** Where it happened on the other side; "" unless that side tells. */
	readonly remoteTrace: string;

	constructor(type: RpcErrorType, reason: string, remoteTrace = "") {
		super(reason);
		this.type = type;
		this.remoteTrace = remoteTrace;
	}

	static from(exception: Exception): RpcError {
		return new RpcError(TYPE_NAMES[exception.type] ?? "failed", exception.reason, exception.trace);
	}
}

/** What goes back to the caller for `thrown`: an `RpcError` as it is, everything else as a failure with its message. Connections leave the stack out unless told to send it. */
export function exceptionOf(thrown: unknown): Exception {
	if (!(thrown instanceof Error)) return new Exception(ExceptionType.FAILED, String(thrown));
	const type = thrown instanceof RpcError ? TYPE_NAMES.indexOf(thrown.type) : ExceptionType.FAILED;
	const trace = (thrown instanceof RpcError && thrown.remoteTrace) || thrown.stack || "";
	return new Exception(type, thrown.message, trace);
}
