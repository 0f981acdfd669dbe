/** Measures by the names that the Moddable SDK has for them (module `instrumentation`). Counts are since start, not per second. */
import * as system from "vatlet/system";

interface Item {
	readonly name: string;
	readonly which: number;
	/** What one of the measure is in the item's unit. */
	readonly unit: number;
}

const slotBytes = -1;
const items: readonly Item[] = Object.freeze([
	item("Network Bytes Read", system.BYTES_IN, 1),
	item("Network Bytes Written", system.BYTES_OUT, 1),
	item("Turns", system.SLEEPS, 1),
	item("System Free Memory", system.RAM_FREE, 1),
	item("XS Slot Heap Used", system.SLOTS, slotBytes),
	item("XS Chunk Heap Used", system.CHUNK_BYTES, 1),
	item("XS Keys Used", system.NAMES, 1),
	item("XS Garbage Collection Count", system.COLLECTIONS, 1),
	item("XS Stack Used", system.STACK_BYTES_PEAK, 1),
]);

function item(name: string, which: number, unit: number): Item {
	return Object.freeze({ name, which, unit });
}

class Instrumentation {
	/** The index-th measure, from 1; undefined past the last. Allocates nothing. */
	static get(index: number): number | undefined {
		const found = items[index - 1];
		if (found === undefined) return undefined;
		return system.meter(found.which) * (found.unit === slotBytes ? system.meter(system.SLOT_BYTES) : found.unit);
	}
	/** The index of a measure, undefined where there is none of that name. */
	static map(name: string): number | undefined {
		for (let i = 0; i < items.length; i++) if (items[i]!.name === name) return i + 1;
		return undefined;
	}
	static name(index: number): string | undefined {
		return items[index - 1]?.name;
	}
}
export default Instrumentation;
