import UDP from "embedded:io/socket/udp";
import config from "mc/config";
import { nameServer } from "vatlet/name-server";
import { configValue } from "vatlet/system";
import type { Machine } from "../../src/ports/machine.js";
import Resolver from "./dns-resolver.js";
import { IpStreams } from "./ip-streams.js";
import { openPorts } from "./ports.js";

/**
 * A machine that resolves names: what `vatlet/machine` is where the manifest's `config` has `dns`. That is the server's address, or true for
 * the network's own. Throws, with the reason, where there is no randomness or the stored identity is damaged.
 */
export function createMachine(): Machine {
	const server = configValue("dns") ?? (config["dns"] === true ? nameServer() : String(config["dns"]));
	return openPorts(
		new IpStreams(server === undefined ? null : new Resolver({ socket: { io: UDP }, servers: [server] })),
	);
}

/** One line of the boot configuration (`name=value`), or undefined. */
export { configValue };
