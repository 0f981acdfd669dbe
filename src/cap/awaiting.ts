import type { Call } from "./call.js";
import { CallState } from "./call-roles.js";
import { CYCLE, type Exception, OVERLOADED } from "./exception.js";

/** `call` is to be made on results of `awaited`, or to end as that does. Says why it must not: it would wait for itself, or be one too many in the row. */
export function awaitResults(call: Call, awaited: Call): Exception | null {
	const length = lengthOf(awaited, call);
	if (length === 0) return CYCLE;
	if (length >= call.pools.pipelineDepth) return OVERLOADED;
	call.awaits = awaited;
	call.awaitsSerial = awaited.serial;
	return null;
}

/** Calls that wait for each other from `first` on, up to the limit; 0 where `call` is one of them. */
function lengthOf(first: Call, call: Call): number {
	const max = call.pools.pipelineDepth;
	let length = 0;
	for (let at: Call | null = first; at !== null && length < max; at = awaitedBy(at)) {
		if (at === call) return 0;
		length++;
	}
	return length;
}

/** The call that `call` waits for; null where that has ended, and perhaps serves another call by now. */
function awaitedBy(call: Call): Call | null {
	const awaited = call.awaits;
	return awaited !== null && awaited.serial === call.awaitsSerial && awaited.state !== CallState.ENDED ? awaited : null;
}
