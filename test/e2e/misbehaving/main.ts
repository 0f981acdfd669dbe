/** A device that stays with its hub for a moment, then does what its configuration names. */
import { boot } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { print } from "vatlet/system";
import Timer from "timer";
import { strayRead, strayWrite } from "./stray.js";

const WELL_BEHAVED_MS = 100;
const NULL_ADDRESS = 0;
const FLASH_ADDRESS = 0x2000_0000;
/** Behind all memory. */
const WILD_ADDRESS = 0x9abc_def0;

/** Not known to the compiler, which would leave out what has no end and no effect. */
const kept: unknown[] = [];
let turns = Number(configValue("turns") ?? 0);

function throwDeep(): never {
	throw new RangeError("too warm");
}

function hoard(): void {
	while (turns >= 0) kept.push(new Uint8Array(256));
}

function recurse(depth: number): number {
	return recurse(depth + 1) + 1;
}

function spin(): void {
	while (turns >= 0) turns = (turns + 1) & 0xffff;
}

function misbehave(): void {
	switch (configValue("misbehave")) {
		case "exception":
			return throwDeep();
		case "rejection":
			return void Promise.reject(new Error("nobody cares"));
		case "memory":
			hoard();
			return print(String(kept.length));
		case "stack":
			return print(String(recurse(0)));
		case "null":
			return strayRead(NULL_ADDRESS);
		case "flash":
			return strayWrite(FLASH_ADDRESS);
		case "wild":
			return strayWrite(WILD_ADDRESS);
		case "loop":
			spin();
			return print(String(turns));
	}
}

boot({
	machine: createMachine(),
	hub: configValue("hub") ?? "",
	connected: () => void Timer.set(misbehave, WELL_BEHAVED_MS),
});
