import type { Command } from "commander";
import { formatUri, parseListen } from "../../../src/net/address.js";
import { digestText } from "../../../src/net/identity.js";
import { derivedId } from "../../../src/vat/service-id.js";
import { createKeyFile, NodeIdentity } from "../identity.js";

export function addKeyCommands(program: Command): void {
	program
		.command("keygen")
		.description("make a secret key (P-256) in a new file that only you may read, and print its identity")
		.argument("<file>", "where it goes; what is there is not written over")
		.action(async (file: string) => {
			createKeyFile(file);
			await printIdentity(file);
		});
	program
		.command("id")
		.description("print the identity of a secret key: what peers pin")
		.argument("<file>", "the key: PEM")
		.action(printIdentity);
	program
		.command("uri")
		.description("print the URI of a service by its name, as the vat with this key publishes it")
		.argument("<file>", "the key: PEM")
		.argument("<name>", "what the vat calls it: vat.publish(name, …)")
		.requiredOption("--address <address>", "where the vat is reached: tcp:HOST:PORT, unix:PATH or serial:PATH")
		.action(async (file: string, name: string, options: { address: string }) => {
			const identity = await NodeIdentity.load(file);
			const endpoint = parseListen(options.address);
			const uri = formatUri({ endpoint, digest: identity.digest, id: derivedId(identity, name) });
			process.stdout.write(`${uri}\n`);
		});
}

async function printIdentity(file: string): Promise<void> {
	const { digest } = await NodeIdentity.load(file);
	process.stdout.write(`${digestText(digest)}\n`);
}
