import { configValue } from "vatlet/system";
import type { Machine } from "../../src/ports/machine.js";
import { openPorts } from "./ports.js";

/** A machine whose only links are serial lines. Throws, with the reason, where there is no randomness or the stored identity is damaged. */
export function createMachine(): Machine {
	return openPorts(null);
}

/** One line of the boot configuration (`name=value`), or undefined. */
export { configValue };
