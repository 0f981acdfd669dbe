import { statSync } from "node:fs";
import { join } from "node:path";
import { Vat } from "vatlet";
import {
	type Batch,
	type Listener,
	Registry,
	type RegistryMethods,
	type RegistryRegisterParams,
	Thermostat,
	type ThermostatMethods,
} from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { until, within } from "../support/waiting.js";

/** What the hub does with each device; as short as the documentation promises. */
class Devices implements RegistryMethods {
	readonly plotted: Batch[] = [];
	readonly seen: number[] = [];
	readonly done: Promise<void>;
	readonly #signal: AbortSignal;
	#finish!: () => void;

	constructor(signal: AbortSignal) {
		this.#signal = signal;
		this.done = new Promise((resolve) => (this.#finish = resolve));
	}

	async register({ thermostat: device }: RegistryRegisterParams) {
		const thermostat = device!.as(Thermostat);
		const { celsius } = await thermostat.read({});
		this.seen.push(celsius);
		await thermostat.setTarget({ celsius: 21 }, { signal: this.#signal });
		const subscription = thermostat.watch({
			listener: ({ batch }: { batch: Batch }) => void this.plotted.push(batch),
		}).subscription;
		await subscription.setPeriod({ milliseconds: 100 });
		this.#finish();
	}
}

describe("The hub of the documentation", () => {
	const cleanup = Cleanup.afterEach();

	it("reads, sets, watches and calls what it was promised", async () => {
		const secretKey = join(cleanup.folder(), "hub.pem");
		const devices = new Devices(new AbortController().signal);
		const vat = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { secretKey }));
		const uri = vat.publish("registry", Registry, devices);
		expect(uri).toMatch(/^capnp:\/\/sha-256:[-_A-Za-z0-9]{43}@127\.0\.0\.1:\d+\/./);
		expect(statSync(secretKey).mode & 0o777).toBe(0o600);

		const device = cleanup.closing(await Vat.open());
		let target = 0;
		let period = 0;
		const room: Partial<ThermostatMethods> = {
			read: () => ({ celsius: 19.5 }),
			setTarget: ({ celsius }) => void (target = celsius),
			watch({ listener }) {
				const watcher: Listener = listener!;
				void watcher.telemetry({ batch: { label: "kitchen" } }).finally(() => watcher.release());
				return { subscription: { setPeriod: ({ milliseconds }) => void (period = milliseconds) } };
			},
		};
		using registry = device.connect(uri, Registry);
		await registry.register({ thermostat: room });
		await within(devices.done, { what: "the hub to be done with the device" });
		expect(devices.seen).toEqual([19.5]);
		expect(target).toBe(21);
		expect(period).toBe(100);
		await until(() => devices.plotted.length > 0);
		expect(devices.plotted.map(({ label }) => label)).toEqual(["kitchen"]);
	});
});
