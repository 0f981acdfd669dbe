/** The thermostat, and a while after the hub has it, what its heap is made of. */
import "./first.js";
import "../../../examples/thermostat/main.js";
import Timer from "timer";
import { census } from "vatlet/census";
import { configValue, exit } from "vatlet/system";
import { printEntries } from "./entries.js";
import { printMeters } from "./meters.js";

printMeters("after boot");
Timer.set(
	() => {
		printMeters("connected");
		census();
		printEntries();
		exit(0);
	},
	Number(configValue("census") ?? 1500),
);
