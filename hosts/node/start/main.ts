import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readArguments } from "../tools/arguments.js";
import { Session } from "./session.js";

const usage = `npm start [-- options]

Starts a hub, builds and boots a device, and shows their conversation.

  -p, --platform NAME   qemu (default) or linux
      --link NAME       how the two are connected: network (default), or serial: QEMU's UART, shared with the console, or
                        two pseudo-terminals for a Linux process
      --ram KIB         memory of the QEMU machine (default 128; 136 with --link serial)
      --once            end after every step was seen; exit code 1 and the missing steps otherwise
      --json            print one JSON object of what was measured as the last line (implies --once)
      --reset-store     give the device an empty store, and so a new identity
      --help            this text

Ctrl-C ends everything.
`;

const { values, refuse, whole } = readArguments(usage, {
	platform: { type: "string", short: "p", default: "qemu" },
	link: { type: "string", default: "network" },
	ram: { type: "string" },
	once: { type: "boolean", default: false },
	json: { type: "boolean", default: false },
	"reset-store": { type: "boolean", default: false },
});

async function main(): Promise<number> {
	const platform = values.platform === "unikernel/virt" ? "qemu" : values.platform;
	if (platform !== "qemu" && platform !== "linux")
		return refuse(`unknown platform ${values.platform}; there are qemu and linux`);
	const { link } = values;
	if (link !== "network" && link !== "serial") return refuse(`unknown link ${link}; there are network and serial`);
	// A serial link keeps what it has sent until it is acknowledged, in JavaScript.
	const ramBytes = whole("ram", values.ram ?? (link === "serial" ? "136" : "128"), 64) * 1024;
	const root = fileURLToPath(new URL("../../../../..", import.meta.url));
	const folder = join(root, "build/start", link === "serial" ? `${platform}-serial` : platform);
	mkdirSync(folder, { recursive: true });
	const stop = new AbortController();
	const interrupted = (): void => stop.abort(new Error("interrupted"));
	process.once("SIGINT", interrupted);
	process.once("SIGTERM", interrupted);
	const session = new Session({
		root,
		folder,
		platform,
		link,
		ramBytes,
		resetStore: values["reset-store"],
		stream: values.json ? process.stderr : process.stdout,
		signal: stop.signal,
	});
	try {
		await session.begin();
		if (values.once || values.json) await session.proveEverything();
		else await session.watch();
	} catch (error) {
		if (!stop.signal.aborted) session.complain(error);
	} finally {
		await session.end();
	}
	if (stop.signal.aborted) return values.once || values.json ? 130 : 0;
	if (!values.once && !values.json) return session.failed ? 1 : 0;
	const complete = session.summarise();
	if (values.json) process.stdout.write(JSON.stringify(session.measured()) + "\n");
	return complete ? 0 : 1;
}

process.exitCode = await main();
