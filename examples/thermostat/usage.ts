import { BYTES_IN, BYTES_OUT, CHUNK_BYTES, COLLECTIONS, meter, RAM_FREE, SLOTS } from "vatlet/system";
import type { UsageBuilder } from "./thermostat.capnp.js";

/** Writes what the device spends, as engine and host count it, into a batch. */
export function writeUsage(usage: UsageBuilder, nowMs: number): void {
	usage.setUptimeMs(nowMs);
	usage.setSlots(meter(SLOTS));
	usage.setChunkBytes(meter(CHUNK_BYTES));
	usage.setCollections(meter(COLLECTIONS));
	usage.setRamFreeBytes(meter(RAM_FREE));
	usage.setBytesIn(meter(BYTES_IN));
	usage.setBytesOut(meter(BYTES_OUT));
}
