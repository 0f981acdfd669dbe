import { Exception, ExceptionType } from "../cap/exception.js";
import type { RemoteError, RpcErrorType } from "../cap/remote-types.js";

/** In the order of the protocol's numbers. */
const TYPE_NAMES: readonly RpcErrorType[] = ["failed", "overloaded", "disconnected", "unimplemented"];

/** An exception that came back from a call, or is to go back to a caller: thrown by a local method, it arrives with this type and reason. */
export class RpcError extends Error implements RemoteError {
	override name = "RpcError";
	readonly type: RpcErrorType;
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

/**
 * What goes back to the caller for `thrown`: an `RpcError` as it is, everything else as a failure with its message, or with its name where it has
 * none. Never throws, whatever was thrown. Connections leave the stack out unless told to send it.
 */
export function exceptionOf(thrown: unknown): Exception {
	try {
		if (!(thrown instanceof Error)) return new Exception(ExceptionType.FAILED, textOf(thrown));
		// Unknown types come from plain JavaScript; the others index the protocol's numbers.
		const type = thrown instanceof RpcError ? Math.max(0, TYPE_NAMES.indexOf(thrown.type)) : ExceptionType.FAILED;
		const trace = (thrown instanceof RpcError && thrown.remoteTrace) || thrown.stack || "";
		return new Exception(type, textOf(thrown.message) || textOf(thrown.name), String(trace));
	} catch {
		return new Exception(ExceptionType.FAILED, "something was thrown that has no text");
	}
}

/** Objects as JSON: `[object Object]` tells nobody anything. */
function textOf(value: unknown): string {
	return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
