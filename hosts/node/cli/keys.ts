import type { Command } from "commander";
import { formatUri, parseListen } from "../../../src/net/address.js";
import { digestText } from "../../../src/net/identity.js";
import { createKeyFile, NodeIdentity } from "../identity.js";

const SERVICE_ID_BYTES = 32;

export function addKeyCommands(program: Command): void {
	program
		.command("keygen")
		.description("make a secret key, a P-256 key in a new file that only you may read, and print its identity")
		.argument("<file>")
		.action(async (file: string) => {
			createKeyFile(file);
			await printIdentity(file);
		});
	program
		.command("id")
		.description("print the identity of a secret key: what peers pin")
		.argument("<file>")
		.action(printIdentity);
	program
		.command("uri")
		.description("print the URI of a service by its name, as the vat with this key publishes it")
		.argument("<file>")
		.argument("<name>")
		.requiredOption("--address <tcp:HOST:PORT>", "where the vat is reached")
		.action(async (file: string, name: string, options: { address: string }) => {
			const identity = await NodeIdentity.load(file);
			const id = new Uint8Array(SERVICE_ID_BYTES);
			identity.derive(new TextEncoder().encode(name), id, 0);
			const endpoint = parseListen(options.address);
			process.stdout.write(`${formatUri({ endpoint, digest: identity.digest, id })}\n`);
		});
}

async function printIdentity(file: string): Promise<void> {
	const { digest } = await NodeIdentity.load(file);
	process.stdout.write(`${digestText(digest)}\n`);
}
