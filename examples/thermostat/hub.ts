/** The hub: publishes a registry and talks to every thermostat that registers. Run it with the options of `addVatOptions`. */
import { Command } from "commander";
import { addVatOptions, chosenVat, digestText, Vat } from "vatlet";
import { converse } from "./conversation.js";
import { report, say } from "./report.js";
import { Registry, type RegistryMethods, type Thermostat } from "./thermostat.capnp.js";

/** Keeps each thermostat until its registration is dropped, by the device or with its connection. */
class ThermostatRegistry implements RegistryMethods {
	readonly #thermostats = new Map<string, AbortController>();
	/** Of the peer whose calls arrive now; one hub serves a handful of devices. */
	peer = "";

	/** Takes `thermostat`. */
	register({ label, thermostat }: { label: string; thermostat: Thermostat | null }): { registration: object } {
		if (thermostat === null) throw new Error("register needs a thermostat");
		// A device that comes back before its old connection was missed takes its old place.
		this.#thermostats.get(label)?.abort();
		const present = new AbortController();
		this.#thermostats.set(label, present);
		say(`${label} registered`);
		report({ type: "registered", label, peer: this.peer });
		void thermostat.whenBroken().then(
			() => present.abort(),
			() => {},
		);
		converse(thermostat, label, present.signal)
			.catch((error: unknown) => {
				if (!present.signal.aborted) say(`${label}: ${error instanceof Error ? error.message : String(error)}`);
			})
			.finally(() => thermostat.release());
		return { registration: { [Symbol.dispose]: () => present.abort() } };
	}
}

const program = addVatOptions(new Command("hub").description("a hub for thermostats")).parse();
const { listen, ...settings } = chosenVat(program);
if (listen === undefined) throw new Error("--capnp-listen-address is missing, for example tcp:127.0.0.1:7000");

const registry = new ThermostatRegistry();
const vat = await Vat.listen(listen, {
	...settings,
	onPeerUp: (name, identity) => {
		registry.peer = digestText(identity);
		say(`${name} is connected: ${registry.peer}`);
		report({ type: "connected", peer: registry.peer });
	},
	onPeerDown: (name, reason, identity) => {
		// What the end of the connection breaks is given back in this turn of the loop and the promises behind it.
		setTimeout(() => {
			const empty = tablesAreEmpty();
			say(`${name} is gone: ${reason.message}; ${empty ? "the tables are empty" : `still held: ${vat.dump()}`}`);
			report({ type: "disconnected", peer: digestText(identity), reason: reason.message, empty });
		}, 50);
	},
	onConsoleLine: (line) => report({ type: "console", line }),
	onRejected: (error) => say(`turned away: ${error.message}`),
});
const uri = vat.publish("registry", Registry, registry);
const atRest = inUse();
say(`listening; devices find the registry at ${uri}`);
report({ type: "listening", uri });

process.once("SIGTERM", () => void vat.close().then(() => process.exit(0)));
process.once("SIGINT", () => {});

function inUse(): number {
	const { calls, messages, pipelined } = vat.facade.pools;
	return calls.used + messages.used + pipelined.used;
}

function tablesAreEmpty(): boolean {
	return vat.peerCount === 0 && inUse() === atRest;
}
