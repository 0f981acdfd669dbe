/** The thermostat, and a while after the hub has it, what its heap is made of. */
import "../../../examples/thermostat/main.js";
import Timer from "timer";
import { census } from "vatlet/census";
import { configValue, exit, meter, SLOTS_PEAK, CHUNK_BYTES_PEAK, print } from "vatlet/system";

Timer.set(
	() => {
		print(`peak: slots ${meter(SLOTS_PEAK)}, chunks ${meter(CHUNK_BYTES_PEAK)} bytes`);
		census();
		exit(0);
	},
	Number(configValue("census") ?? 1500),
);
