import { configValue } from "vatlet/system";
import type { Machine } from "../../src/ports/machine.js";
import { IpStreams } from "./ip-streams.js";
import { openPorts } from "./ports.js";

/** This machine, with what it has of a network. Throws, with the reason, where there is no randomness or the stored identity is damaged. */
export function createMachine(): Machine {
	return openPorts(new IpStreams(null));
}

/** One line of the boot configuration (`name=value`), or undefined. */
export { configValue };
