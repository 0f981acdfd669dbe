/** The whole story in one process: a logger is made and saved, its service restarts, and the reference still works. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Vat } from "vatlet";
import { Logger } from "./logger.capnp.js";
import { startService } from "./service.js";

export async function main(print: (line: string) => void): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "saved-store-"));
	await using client = await Vat.open();

	const first = await startService("tcp:127.0.0.1:0", folder, print);
	const port = new URL(first.uri.replace("capnp:", "http:").replace(/sha-256:[^@]*@/, "")).port;
	using root = client.connect(first.uri, Logger);
	const { logger } = await root.sub({ label: "kitchen" });
	const uri = await client.save(logger!);
	print("saved; the service stops");
	await first.vat.close();

	// Dials again and again until the service is back.
	using kitchen = client.reconnecting(uri, Logger, {
		onDisconnected: (error) => print(`not there: ${error.message.replace(/127\.0\.0\.1:\d+/, "the service")}`),
	});
	await new Promise((resolve) => setTimeout(resolve, 100));
	print("the service starts again");
	const second = await startService(`tcp:127.0.0.1:${port}`, folder, print);
	await (await kitchen.connected()).log({ text: "still here" });

	kitchen.release();
	await second.vat.close();
	rmSync(folder, { recursive: true });
}

if (process.argv[1]?.endsWith("saved-store/main.js")) await main(console.log);
