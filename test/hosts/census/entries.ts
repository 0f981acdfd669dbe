import { Pools } from "../../../src/cap/pools.js";
import { MessagePool } from "../../../src/message/message-pool.js";
import { DEVICE_POOLS, type ConnectionLimits, DEVICE_LIMITS } from "../../../src/device.js";
import { type Sender, State } from "../../../src/rpc/state.js";
import { CHUNK_BYTES, collect, meter, print, SLOT_BYTES, SLOTS } from "vatlet/system";

const MORE = 8;

const NOBODY: Sender = Object.freeze({ queuedWords: 0, send() {}, shut() {} });

/** Kept until it was measured. */
class Holder {
	kept: object | null = null;
}

function heapBytes(): number {
	collect();
	return meter(SLOTS) * meter(SLOT_BYTES) + meter(CHUNK_BYTES);
}

function cost(holder: Holder, make: () => object): number {
	holder.kept = null;
	const before = heapBytes();
	holder.kept = make();
	return heapBytes() - before;
}

function tables(pools: Pools, more: Partial<ConnectionLimits>): State {
	return new State({ pools, sender: NOBODY, limits: { ...DEVICE_LIMITS, ...more }, sealed: true });
}

function messages(more: number): MessagePool {
	const options = DEVICE_POOLS.messages!;
	const pool = new MessagePool({ ...options, messages: options.messages! + more, segments: options.segments! + more });
	pool.seal();
	return pool;
}

/** What one entry more costs in the tables and pools of a device, as eight more do. */
export function printEntries(): void {
	const holder = new Holder();
	const pools = new Pools({ messages: { messages: 1 } });
	const none = cost(holder, () => tables(pools, {}));
	for (const name of ["questions", "answers", "exports", "imports"] as const) {
		const more = cost(holder, () => tables(pools, { [name]: DEVICE_LIMITS[name] + MORE }));
		print(`entry per-${name.slice(0, -1)}: ${(more - none) / MORE}`);
	}
	const few = cost(holder, () => messages(0));
	print(`entry per-message: ${(cost(holder, () => messages(MORE)) - few) / MORE}`);
}
