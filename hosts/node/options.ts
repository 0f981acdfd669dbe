import type { Command } from "commander";

/** What the option group says: the arguments of `Vat.listen`. */
export interface ChosenVat {
	/** `tcp:HOST:PORT`, `unix:PATH` or `serial:PATH`; undefined: a vat that only dials. */
	readonly listen?: string;
	readonly secretKey?: string;
	readonly publicAddress?: string;
	readonly insecure?: boolean;
}

/** Adds the options that every program with a vat has, with the names that the OCaml library gives them. */
export function addVatOptions<C extends Command>(command: C): C {
	command
		.option("--capnp-listen-address <address>", "where to listen: tcp:HOST:PORT, unix:PATH or serial:PATH")
		.option("--capnp-public-address <address>", "the listen address as others see it, where that differs")
		.option(
			"--capnp-secret-key-file <file>",
			'PEM file with the secret key, made when it does not exist; "" for a key that lasts for this run',
		)
		.option("--capnp-disable-tls", "plaintext, and nobody proves who they are");
	return command;
}

/** Reads the options of a parsed command back. Where they contradict each other it ends the program as the command does for any bad option. */
export function chosenVat(command: Command): ChosenVat {
	try {
		return chosenOptions(command.opts());
	} catch (error) {
		return command.error(`error: ${(error as Error).message}`);
	}
}

function chosenOptions(options: Record<string, unknown>): ChosenVat {
	const listen = options["capnpListenAddress"] as string | undefined;
	const publicAddress = options["capnpPublicAddress"] as string | undefined;
	const secretKey = options["capnpSecretKeyFile"] as string | undefined;
	const insecure = options["capnpDisableTls"] === true;
	if (insecure && secretKey)
		throw new Error(
			"--capnp-disable-tls and --capnp-secret-key-file exclude each other: without TLS nobody can prove to hold a key",
		);
	if (listen !== undefined && !insecure && secretKey === undefined)
		throw new Error(
			'--capnp-listen-address needs --capnp-secret-key-file (or "" for a key that lasts for this run): the key is part of the address',
		);
	if (publicAddress !== undefined && listen === undefined)
		throw new Error("--capnp-public-address needs --capnp-listen-address");
	return {
		...(listen === undefined ? {} : { listen }),
		...(publicAddress === undefined ? {} : { publicAddress }),
		...(secretKey ? { secretKey } : {}),
		...(insecure ? { insecure } : {}),
	};
}
