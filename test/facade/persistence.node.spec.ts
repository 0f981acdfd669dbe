import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStore, NodeHashes, RpcError, SavedObjects, service, Vat } from "vatlet";
import { Reading, Sensor, Thermostat, type ThermostatMethods } from "../../examples/thermostat/thermostat.capnp.js";

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
	const folder = mkdtempSync(join(tmpdir(), "vatlet-"));
	afterAll(() => rmSync(folder, { recursive: true }));

	function start(address: string, loads: SavedSensor[] = []): Promise<{ vat: Vat; uri: string }> {
		const objects = new SavedObjects<Reading>(
			new FileStore(join(folder, "store")),
			"sensors",
			Reading,
			new NodeHashes(),
		);
		return Vat.listen(address, {
			secretKey: join(folder, "hub.pem"),
			loader: (id) => {
				const state = objects.load(id);
				if (state === null) return null;
				const sensor = new SavedSensor(state.celsius);
				loads.push(sensor);
				return service(Sensor, sensor);
			},
		}).then((vat) => ({
			vat,
			uri: vat.publish("factory", Thermostat, new Factory(() => vat, objects) as unknown as ThermostatMethods),
		}));
	}

	it("gives references that work after a restart, and loads one service for all who ask", async () => {
		await using client = await Vat.open();
		const first = await start("tcp:127.0.0.1:0");
		const port = /:(\d+)\//.exec(first.uri)![1]!;
		const factory = client.connect(first.uri, Thermostat);
		const { sensor } = await factory.sensor({ name: "four" });
		const saved = await client.save(sensor!);
		expect(saved).toContain("@127.0.0.1:" + port + "/");
		expect(await client.save(factory)).toBe(first.uri);
		await first.vat.close();
		await expectAsync(sensor!.sample()).toBeRejectedWithError(RpcError);

		const loads: SavedSensor[] = [];
		const second = await start("tcp:127.0.0.1:" + port, loads);
		expect(second.uri).toBe(first.uri);
		const [again, twin] = [client.connect(saved, Sensor), client.connect(saved, Sensor)];
		expect(await Promise.all([again.sample(), twin.sample()])).toEqual([{ celsius: 4 }, { celsius: 4 }]);
		expect(loads.length).toBe(1);
		expect(await client.save(again)).toBe(saved);
		again.release();
		twin.release();
		while (loads[0]!.disposed === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(loads[0]!.disposed).toBe(1);
		const unknown = client.connect(saved.slice(0, -4) + "AAAA", Sensor);
		await expectAsync(unknown.whenResolved()).toBeRejectedWithError(RpcError, "Unknown persistent service ID");
		await second.vat.close();
	});

	it("is found again by a reference that reconnects", async () => {
		await using client = await Vat.open();
		const first = await start("tcp:127.0.0.1:0");
		const port = /:(\d+)\//.exec(first.uri)![1]!;
		const log: string[] = [];
		using live = client.reconnecting(first.uri, Thermostat, {
			onConnected: () => log.push("connected"),
			onDisconnected: (error) => log.push(error.type),
		});
		const factory = await live.connected();
		expect((await factory.sensor({ name: "x" })).sensor).toBeDefined();
		await first.vat.close();
		while (live.current !== null) await new Promise((resolve) => setTimeout(resolve, 5));
		await expectAsync(factory.sensor({ name: "x" })).toBeRejectedWithError(RpcError);
		const second = await start("tcp:127.0.0.1:" + port);
		expect((await (await live.connected()).sensor({ name: "x" })).sensor).toBeDefined();
		expect(log[0]).toBe("connected");
		expect(log.at(-1)).toBe("connected");
		expect(log).toContain("disconnected");
		live.release();
		await second.vat.close();
	});

	it("cannot save where it listens nowhere", async () => {
		await using vat = await Vat.open();
		expect(() => vat.saved(Sensor, new SavedSensor(1), vat.generateId())).toThrowError(/listens nowhere/);
	});
});
