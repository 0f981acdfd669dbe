import { type Call, type Exception, type Hook, Pools, type ReturnHandler, Server } from "vatlet/runtime";
import { boot, type Device } from "vatlet/device";
import {
	RegistrationClient,
	RegistryClient,
	type RegistryRegisterCall,
	RegistryServer,
	ThermostatClient,
	type ThermostatReadCall,
	ThermostatReadResultsReader,
	type ThermostatSensorCall,
	ThermostatServer,
	type ThermostatSetTargetCall,
	type ThermostatWatchCall,
} from "../../examples/thermostat/thermostat.capnp.js";
import { createMachine } from "../../hosts/node/machine.js";
import { formatUri } from "../../src/net/address.js";
import type { Endpoint } from "../../src/ports/network.js";
import type { Machine } from "../../src/ports/machine.js";
import { SingleRestorer } from "../../src/vat/restorer.js";
import { Vat } from "../../src/vat/vat.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { until, within } from "../support/waiting.js";

class Thermostat extends ThermostatServer {
	target = 20;
	override read(call: ThermostatReadCall): void {
		call.results.setCelsius(21.5);
		call.results.setTarget(this.target);
		call.done();
	}
	override setTarget(call: ThermostatSetTargetCall): void {
		const celsius = call.params.getCelsius();
		if (celsius > 30) return call.fail(0, "5 to 30 degrees");
		this.target = celsius;
		call.done();
	}
	override watch(call: ThermostatWatchCall): void {
		call.done();
	}
	override sensor(call: ThermostatSensorCall): void {
		call.done();
	}
}

class Nothing extends Server {
	override dispatch(): number {
		return 1;
	}
}

/** A hub whose registry keeps the last thermostat. */
class Hub extends RegistryServer {
	readonly pools = new Pools({ guarded: true });
	readonly down: string[] = [];
	thermostat = new ThermostatClient(this.pools);
	label = "";
	vat: Vat | null = null;

	open(machine: Machine, endpoint: Endpoint): Promise<Endpoint> {
		return new Promise((resolve) => {
			this.vat = new Vat({
				network: machine.network,
				clock: machine.clock,
				pools: this.pools,
				identity: machine.identity,
				restorer: new SingleRestorer(this.hook),
				observer: { listening: resolve, peerDown: (_peer, reason) => void this.down.push(reason.reason) },
			});
			this.vat.listen(endpoint);
		});
	}

	override register(call: RegistryRegisterCall): void {
		this.label = call.params.getLabel();
		call.params.takeThermostat(this.thermostat);
		call.results.setRegistration(new Nothing());
		call.done();
	}
}

class Settled implements ReturnHandler {
	readonly promise: Promise<Call>;
	#resolve!: (call: Call) => void;
	#reject!: (error: Error) => void;
	constructor() {
		this.promise = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
	}
	returned(call: Call): void {
		call.addRef();
		this.#resolve(call);
	}
	failed(_call: Call, exception: Exception): void {
		this.#reject(new Error(exception.reason));
	}
}

async function target(hub: Hub): Promise<number> {
	const settled = new Settled();
	hub.thermostat.startRead().send(settled);
	const call = await within(settled.promise, { what: "the device's answer" });
	const value = call.readResults(new ThermostatReadResultsReader()).getTarget();
	call.release();
	return value;
}

function setTarget(hub: Hub, celsius: number): Promise<Call> {
	const settled = new Settled();
	const request = hub.thermostat.startSetTarget();
	request.params.setCelsius(celsius);
	request.send(settled);
	return within(settled.promise, { what: "the device's answer" });
}

describe("a device that booted", () => {
	const cleanup = Cleanup.afterEach();
	const log: string[] = [];
	let device: Device | null = null;
	let hub: Hub;
	let hubMachine: Machine;
	let deviceMachine: Machine;

	beforeAll(async () => {
		hubMachine = await createMachine({ log: () => {} });
		deviceMachine = await createMachine({ log: (line) => log.push(line) });
	});

	beforeEach(() => {
		log.length = 0;
		hub = makeHub();
	});

	/** Ends with the spec. */
	function makeHub(): Hub {
		const made = new Hub();
		cleanup.defer(() => made.vat?.close(), "a hub's end");
		return made;
	}

	function start(endpoint: Endpoint, digest = hubMachine.identity.digest): Device {
		let registry: RegistryClient | null = null;
		let registration: RegistrationClient | null = null;
		const thermostat = new Thermostat();
		const connected = (hook: Hook, pools: Pools) => {
			registry ??= new RegistryClient(pools);
			registration ??= new RegistrationClient(pools);
			registry.adopt(hook);
			const request = registry.startRegister();
			request.params.setLabel("kitchen");
			request.params.setThermostat(thermostat);
			const call = request.sendAndHold(null);
			request.takeRegistration(call, registration);
			call.release();
		};
		device = boot({ machine: deviceMachine, hub: formatUri({ endpoint, digest, id: new Uint8Array(0) }), connected });
		cleanup.closing(device);
		return device;
	}

	it("registers with its hub over TLS and serves it, from sealed pools", async () => {
		start(await hub.open(hubMachine, { kind: "tcp", host: "127.0.0.1", port: 0 }));
		await until(() => !hub.thermostat.isNull, { saw: () => log });
		expect(hub.label).toBe("kitchen");
		await setTarget(hub, 25);
		expect(await target(hub)).toBe(25);
		await expectAsync(setTarget(hub, 99)).toBeRejectedWithError("5 to 30 degrees");
		for (let i = 0; i < 200; i++) await target(hub);
		expect(device!.pools.calls.used).toBeLessThan(3);
	});

	it("comes back after its hub vanished, and registers anew", async () => {
		const endpoint = await hub.open(hubMachine, { kind: "tcp", host: "127.0.0.1", port: await freePort() });
		start(endpoint);
		await until(() => !hub.thermostat.isNull, { saw: () => log });
		hub.vat!.close();
		for (const peer of hub.vat!.peers) peer.channel?.abort();
		await until(() => log.some((line) => line.includes("dialling again")));
		const second = makeHub();
		await within(second.open(hubMachine, endpoint), { what: "a hub in the place of the first" });
		await until(() => !second.thermostat.isNull, { saw: () => log });
		expect(await target(second)).toBe(20);
		device!.close();
		await until(() => second.down.length > 0);
		expect(second.down).toEqual(["Connection closed"]);
	});

	it("says whom it found in its hub's place", async () => {
		start(
			await hub.open(hubMachine, { kind: "tcp", host: "127.0.0.1", port: 0 }),
			deviceMachine.identity.digest.map((byte) => byte ^ 1),
		);
		await until(() => log.some((line) => line.includes("is not the vat that was asked for")), { saw: () => log });
		expect(device!.hub).toBeNull();
	});
});
