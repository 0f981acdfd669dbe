import { boot } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { nowMs, print } from "vatlet/system";
import type { Call, Exception, Hook, Pools, ReturnHandler } from "vatlet/runtime";
import Timer from "timer";
import { Room } from "./room.js";
import { RegistrationClient, RegistryClient, RegistryRegisterResultsReader } from "./thermostat.capnp.js";
import { Thermostat } from "./thermostat.js";

const SAMPLE_MS = 100;
const LABEL = "kitchen";

/** Registers the thermostat with the hub, each time the hub is there. Everything is made once, at start-up. */
class Registrar implements ReturnHandler {
	readonly #registry: RegistryClient;
	readonly #registration: RegistrationClient;
	readonly #results = new RegistryRegisterResultsReader();
	readonly #thermostat: Thermostat;

	constructor(pools: Pools, thermostat: Thermostat) {
		this.#registry = new RegistryClient(pools);
		this.#registration = new RegistrationClient(pools);
		this.#thermostat = thermostat;
	}

	/** `hub` is borrowed. */
	connected(hub: Hook): void {
		this.#registry.adopt(hub);
		const request = this.#registry.startRegister();
		request.params.setLabel(LABEL);
		request.params.setThermostat(this.#thermostat);
		request.send(this);
	}

	disconnected(): void {
		this.#thermostat.telemetry.stop();
		this.#registration.release();
		this.#registry.release();
	}

	returned(call: Call): void {
		call.readResults(this.#results).takeRegistration(this.#registration);
		print("registered with the hub");
	}

	failed(_call: Call, exception: Exception): void {
		print("the hub refused the registration: " + exception.reason);
	}
}

const hub = configValue("hub");
if (hub === undefined) throw new Error("the boot configuration names no hub: start with hub=capnp://…");

const room = new Room();
const device = boot({
	machine: createMachine(),
	hub,
	connected: (registry) => registrar.connected(registry),
	disconnected: () => registrar.disconnected(),
});
const thermostat = new Thermostat(device.pools, room, LABEL);
const registrar = new Registrar(device.pools, thermostat);

Timer.repeat(() => {
	room.advance(SAMPLE_MS);
	thermostat.telemetry.tick(nowMs());
}, SAMPLE_MS);
