import { Exhausted, Fault } from "../base/fault.js";
import { AssertionError } from "../base/assert.js";
import { type Call, CallState } from "./call.js";
import { Exception, ExceptionType, OVERLOADED } from "./exception.js";
import { Hook, HookKind } from "./hook.js";
import { DispatchResult, type Server } from "./server.js";

/**
 * A server as a capability: dispatches calls at once, inside `deliver`.
 *
 * Made with its server, without a reference: life starts whenever the first is taken and ends, with `server.released()`,
 * when the last one goes; then it may start again.
 */
export class LocalHook extends Hook {
	readonly server: Server;

	constructor(server: Server) {
		super(HookKind.LOCAL);
		this.refs = 0;
		this.server = server;
	}

	deliver(call: Call): void {
		const pools = call.pools;
		call.outer = pools.dispatching;
		pools.dispatching = call;
		// The server may be released by its own call.
		this.refs++;
		call.server = this;
		if (pools.guarded) this.#guarded(call);
		else this.#dispatch(call);
		this.#left(call);
	}

	/** After a dispatch, or after one that threw: fails the call where it is still open. */
	static unwind(call: Call, error: unknown): void {
		const hook = call.server!;
		if (call.state === CallState.DELIVERED) call.fail(exceptionFor(error));
		hook.#left(call);
	}

	#left(call: Call): void {
		call.pools.dispatching = call.outer;
		call.outer = null;
		call.server = null;
		this.release();
	}

	#dispatch(call: Call): void {
		const result = this.server.dispatch(call, call.interfaceHigh, call.interfaceLow, call.methodId);
		if (result !== DispatchResult.DONE) call.fail(unknown(call, result));
	}

	#guarded(call: Call): void {
		const outer = call.outer;
		try {
			this.#dispatch(call);
		} catch (error) {
			if (error instanceof Fault || error instanceof AssertionError) throw error;
			call.pools.dispatching = call;
			call.outer = outer;
			if (call.state === CallState.DELIVERED) call.fail(exceptionFor(error));
		}
	}

	protected unreferenced(): void {
		this.server.released();
	}
}

/** What a caller is told when a server method throws. */
export function exceptionFor(error: unknown): Exception {
	if (error instanceof Exhausted) return OVERLOADED;
	return new Exception(ExceptionType.FAILED, error instanceof Error ? error.message : String(error));
}

/** The texts that other implementations match on. */
function unknown(call: Call, result: number): Exception {
	const id = (BigInt(call.interfaceHigh) << BigInt(32)) | BigInt(call.interfaceLow);
	const reason = result === DispatchResult.UNKNOWN_INTERFACE ? "Unknown interface " + id + "UL" : "Unknown method " + id + "UL." + call.methodId;
	return new Exception(ExceptionType.UNIMPLEMENTED, reason);
}
