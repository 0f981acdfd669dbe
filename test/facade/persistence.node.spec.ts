import { join } from "node:path";
import { FileStore, NodeHashes, RpcError, SavedObjects, service, Vat } from "vatlet";
import { Reading, Sensor, Thermostat, type ThermostatMethods } from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { until, within } from "../support/waiting.js";

/** Its state is what it last showed. */
class SavedSensor {
	disposed = 0;
	constructor(readonly celsius: number) {}
	sample(): { celsius: number } {
		return { celsius: this.celsius };
	}
	[Symbol.dispose](): void {
		this.disposed++;
	}
}

/** Makes sensors and hands out references to them that outlive everything. */
class Factory {
	constructor(
		readonly vat: () => Vat,
		readonly objects: SavedObjects<Reading>,
	) {}
	sensor({ name }: { name: string }): { sensor: Sensor } {
		const id = this.vat().generateId();
		const celsius = name.length;
		this.objects.save(id, { celsius, uptimeMs: 1, quantity: "outside" });
		return { sensor: this.vat().saved(Sensor, new SavedSensor(celsius), id) };
	}
}

describe("a vat with saved services", () => {
	const cleanup = Cleanup.afterEach();
	let folder: string;
	let address: string;
	beforeEach(async () => {
		folder = cleanup.folder();
		address = `tcp:127.0.0.1:${await freePort()}`;
	});

	async function start(loads: SavedSensor[] = []): Promise<{ vat: Vat; uri: string }> {
		const objects = new SavedObjects<Reading>(
			new FileStore(join(folder, "store")),
			"sensors",
			Reading,
			new NodeHashes(),
		);
		const vat = await Vat.listen(address, {
			secretKey: join(folder, "hub.pem"),
			loader: (id) => {
				const state = objects.load(id);
				if (state === null) return null;
				const sensor = new SavedSensor(state.celsius);
				loads.push(sensor);
				return service(Sensor, sensor);
			},
		});
		cleanup.closing(vat);
		const factory = new Factory(() => vat, objects) as unknown as ThermostatMethods;
		return { vat, uri: vat.publish("factory", Thermostat, factory) };
	}

	it("gives references that work after a restart, and loads one service for all who ask", async () => {
		const client = cleanup.closing(await Vat.open());
		const first = await start();
		const factory = client.connect(first.uri, Thermostat);
		const { sensor } = await factory.sensor({ name: "four" });
		const saved = await client.save(sensor!);
		expect(saved).toContain(`@${address.slice(4)}/`);
		expect(await client.save(factory)).toBe(first.uri);
		await first.vat.close();
		await expectAsync(sensor!.sample()).toBeRejectedWithError(RpcError);

		const loads: SavedSensor[] = [];
		const second = await start(loads);
		expect(second.uri).toBe(first.uri);
		const [again, twin] = [client.connect(saved, Sensor), client.connect(saved, Sensor)];
		expect(await Promise.all([again.sample(), twin.sample()])).toEqual([{ celsius: 4 }, { celsius: 4 }]);
		expect(loads.length).toBe(1);
		expect(await client.save(again)).toBe(saved);
		again.release();
		twin.release();
		await until(() => loads[0]!.disposed > 0);
		expect(loads[0]!.disposed).toBe(1);
		const unknown = client.connect(saved.slice(0, -4) + "AAAA", Sensor);
		await expectAsync(unknown.whenResolved()).toBeRejectedWithError(RpcError, "Unknown persistent service ID");
	});

	it("is found again by a reference that reconnects", async () => {
		const client = cleanup.closing(await Vat.open());
		const first = await start();
		const log: string[] = [];
		using live = client.reconnecting(first.uri, Thermostat, {
			onConnected: () => log.push("connected"),
			onDisconnected: (error) => log.push(error.type),
		});
		const connected = () => within(live.connected(), { what: "a connection", saw: () => log });
		const factory = await connected();
		expect((await factory.sensor({ name: "x" })).sensor).toBeDefined();
		await first.vat.close();
		await until(() => live.current === null, { saw: () => log });
		await expectAsync(factory.sensor({ name: "x" })).toBeRejectedWithError(RpcError);
		await start();
		expect((await (await connected()).sensor({ name: "x" })).sensor).toBeDefined();
		expect(log[0]).toBe("connected");
		expect(log.at(-1)).toBe("connected");
		expect(log).toContain("disconnected");
		live.release();
	});

	it("cannot save where it listens nowhere", async () => {
		const vat = cleanup.closing(await Vat.open());
		expect(() => vat.saved(Sensor, new SavedSensor(1), vat.generateId())).toThrowError(/listens nowhere/);
	});
});
