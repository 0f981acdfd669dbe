import { Fault } from "../base/fault.js";
import { BrokenHook } from "./broken.js";
import type { Call } from "./call.js";
import { CallState } from "./call-roles.js";
import { exceptionFor } from "./exception.js";
import type { Hook } from "./hook.js";
import type { PipelinedHook } from "./pipelined.js";
import { takeField } from "./result-field.js";

/** Ends `call`, which has its outcome: pipelined capabilities first, then its handler; then whoever holds it keeps the results. */
export function endCall(call: Call): void {
	if (call.state !== CallState.DELIVERED) throw new Error("call ended twice");
	call.state = CallState.ENDED;
	call.cancelHandler = null;
	call.router = null;
	if (call.refs === 0) {
		closeCall(call);
		return;
	}
	const pools = call.pools;
	call.refs++;
	call.outerEnding = pools.ending;
	pools.ending = call;
	// First what was called before, then whoever may call now.
	if (call.pipelines !== null)
		for (let hook = unsettled(call); hook !== null; hook = unsettled(call))
			settle(call, hook, takeField(call, hook.path));
	const handler = call.handler;
	if (handler !== null) {
		call.handler = null;
		call.telling = handler;
		if (call.exception !== null) handler.failed(call, call.exception);
		else handler.returned(call);
		call.telling = null;
	}
	pools.ending = call.outerEnding;
	letGo(call);
}

/**
 * Something threw `error` while `call` was ending: malformed results, or a handler. Completes the end; whoever had not got
 * the results, or could not read them, is told that the call failed.
 */
export function endThrown(call: Call, error: unknown): void {
	const exception = exceptionFor(error);
	const handler = call.handler ?? (error instanceof Fault ? call.telling : null);
	call.handler = call.telling = null;
	call.pools.ending = call.outerEnding;
	for (let hook = unsettled(call); hook !== null; hook = unsettled(call)) settle(call, hook, new BrokenHook(exception));
	if (handler !== null) handler.failed(call, exception);
	letGo(call);
}

/** `call` has ended and nobody wants it any more. */
export function closeCall(call: Call): void {
	const callee = call.callee;
	const origin = call.origin;
	for (let hook = call.pipelines; hook !== null; hook = call.pipelines) {
		// Still embargoed: it is held by that.
		if (hook.refs > 0) hook.leave();
		else hook.dispose();
	}
	if (call.params !== null) call.releaseParams();
	if (call.results !== null) call.dropResults();
	call.awaits = null;
	call.callee = call.origin = call.exception = call.handler = call.cancelHandler = null;
	call.canceled = call.detour = false;
	call.state = CallState.FREE;
	call.serial++;
	if (callee !== null) callee.finished(call);
	if (origin !== null) origin.callClosed(call);
	call.chargedWords = call.chargedCaps = 0;
	if (!call.unpooled) call.pools.calls.give(call);
}

function letGo(call: Call): void {
	if (call.params !== null) call.releaseParams();
	if (call.transient) {
		call.transient = false;
		call.unpin();
	}
	call.unpin();
}

function unsettled(call: Call): PipelinedHook | null {
	let hook = call.pipelines;
	while (hook !== null && hook.settled) hook = hook.nextPipelined;
	return hook;
}

/** What waits in `hook` is delivered now, before the caller hears of the results. Takes the reference to `target`. */
function settle(call: Call, hook: PipelinedHook, target: Hook): void {
	hook.settled = true;
	if (hook.pinned) {
		hook.pinned = false;
		call.refs--;
	}
	hook.addRef();
	// Calls that went to the peer may still be on their way: only the connection knows when they have arrived.
	if (hook.used && hook.router !== null) hook.router.settle(hook, target, call.detour);
	else hook.resolve(target);
	hook.release();
}
