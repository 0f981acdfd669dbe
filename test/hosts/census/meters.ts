import * as system from "vatlet/system";

/** One line of what is in use now, garbage excepted, and of what was the most so far; `ram` is all of it without the part of the engine's heap that stayed empty. */
export function printMeters(when: string): void {
	const instructions = system.instructions();
	system.collect();
	const heap = system.meter(system.SLOTS) * system.meter(system.SLOT_BYTES) + system.meter(system.CHUNK_BYTES);
	const peak =
		system.meter(system.SLOTS_PEAK) * system.meter(system.SLOT_BYTES) + system.meter(system.CHUNK_BYTES_PEAK);
	const reserved =
		system.meter(system.SLOTS_RESERVED) * system.meter(system.SLOT_BYTES) + system.meter(system.CHUNK_BYTES_RESERVED);
	const ram = system.meter(system.RAM_TOTAL) - system.meter(system.POOL_BYTES_FREE) - reserved + peak;
	system.print(
		`meters ${when}: heap ${heap}, heap-peak ${peak}, c-heap ${system.meter(system.HEAP_USED)}, ` +
			`c-heap-peak ${system.meter(system.HEAP_PEAK)}, xs-stack-peak ${system.meter(system.STACK_BYTES_PEAK)}, ` +
			`c-stack-peak ${system.meter(system.C_STACK_PEAK)}, ram ${ram}, instructions ${instructions}`,
	);
}
