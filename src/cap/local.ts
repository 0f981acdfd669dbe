import { Fault } from "../base/fault.js";
import { AssertionError } from "../base/assert.js";
import type { Call } from "./call.js";
import { endThrown } from "./ending.js";
import { Exception, exceptionFor, ExceptionType } from "./exception.js";
import { Hook, HookKind } from "./hook.js";
import { DispatchResult } from "./dispatch-result.js";
import type { Server } from "./server.js";

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

	/** Whoever delivers holds the hook meanwhile. */
	deliver(call: Call): void {
		const pools = call.pools;
		const running = pools.running;
		running.enter(call);
		if (pools.guarded) dispatchGuarded(this.server, call);
		else dispatch(this.server, call);
		running.depth--;
	}

	protected unreferenced(): void {
		this.server.released();
	}
}

function dispatch(server: Server, call: Call): void {
	const result = server.dispatch(call, call.interfaceHigh, call.interfaceLow, call.methodId);
	if (result !== DispatchResult.DONE) call.fail(unknown(call, result));
}

function dispatchGuarded(server: Server, call: Call): void {
	const running = call.pools.running;
	const depth = running.depth;
	const ending = call.pools.ending;
	try {
		dispatch(server, call);
	} catch (error) {
		if (error instanceof Fault || error instanceof AssertionError) throw error;
		while (call.pools.ending !== ending) endThrown(call.pools.ending!, error);
		while (running.depth > depth) running.unwind(exceptionFor(error));
		running.fail(exceptionFor(error));
	}
}

/** The texts that other implementations match on. */
function unknown(call: Call, result: number): Exception {
	const id = (BigInt(call.interfaceHigh) << BigInt(32)) | BigInt(call.interfaceLow);
	const reason =
		result === DispatchResult.UNKNOWN_INTERFACE
			? "Unknown interface " + id + "UL"
			: "Unknown method " + id + "UL." + call.methodId;
	return new Exception(ExceptionType.UNIMPLEMENTED, reason);
}
