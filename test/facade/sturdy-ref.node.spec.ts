import { join, relative, resolve } from "node:path";
import { inspect } from "node:util";
import { AddressError, RpcError, Vat } from "vatlet";
import { Sensor } from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { within } from "../support/waiting.js";

describe("a sturdy ref", () => {
	const cleanup = Cleanup.afterEach();
	let hub: Vat;
	let client: Vat;
	let uri: string;
	let samples: number;

	beforeEach(async () => {
		samples = 0;
		// A place that nobody has when the hub has left it.
		hub = cleanup.closing(await Vat.listen(`tcp:127.0.0.1:${await freePort()}`));
		client = cleanup.closing(await Vat.open());
		uri = hub.publish("sensor", Sensor, {
			sample: () => {
				if (++samples === 3) throw new RpcError("failed", "the third sample is always bad");
				return { celsius: samples };
			},
		});
	});

	it("gives its service once that was found, and rejects with the reason where it was not", async () => {
		using sensor = await client.import(uri, Sensor).connect();
		expect(await sensor.sample()).toEqual({ celsius: 1 });
		await expectAsync(client.import(uri.slice(0, -8) + "AAAAAAAA", Sensor).connect()).toBeRejectedWithError(
			RpcError,
			"Unknown persistent service ID",
		);
		const elsewhere = uri.replace(/:\d+\//, ":9/");
		const unreached = await client
			.import(elsewhere, Sensor)
			.connect()
			.catch((error: RpcError) => error);
		// That vat is connected already, and a vat is its key: the place is only where to find it.
		expect(unreached).not.toBeInstanceOf(RpcError);
		(unreached as Sensor).release();
	});

	it("has the whole path of a socket that its vat was given from where it ran", async () => {
		const path = relative(process.cwd(), join(cleanup.folder(), "socket"));
		const other = cleanup.closing(await Vat.listen(`unix:${path}`));
		const whole = other.publish("sensor", Sensor, { sample: () => ({ celsius: 7 }) });
		expect(whole).toContain(`@${resolve(path)}/`);
		expect(await client.import(whole, Sensor).with((sensor) => sensor.sample())).toEqual({ celsius: 7 });
	});

	it("says what may be the matter where its address says insecure, and the vat there speaks TLS", async () => {
		const { host } = new URL(uri.replace(/^capnp:/, "http:").replace(/\/\/[^@]*@/, "//"));
		await expectAsync(client.import(`capnp://insecure@${host}/abcd`, Sensor).connect()).toBeRejectedWithError(
			RpcError,
			/want TLS where the address says insecure|spoke plaintext|dropped the connection/,
		);
	});

	it("rejects where nobody listens", async () => {
		await hub.close();
		const error = await client
			.import(uri, Sensor)
			.connect()
			.catch((reason: RpcError) => reason);
		expect((error as RpcError).type).toBe("disconnected");
		expect((error as RpcError).message).toContain("nobody listens");
	});

	it("lends its service for one piece of work, and takes it back whatever comes of that", async () => {
		const ref = client.import(uri, Sensor);
		let lent: Sensor | undefined;
		const twice = await ref.with(async (sensor) => {
			lent = sensor;
			return [(await sensor.sample()).celsius, (await sensor.sample()).celsius];
		});
		expect(twice).toEqual([1, 2]);
		await expectAsync(lent!.sample()).toBeRejectedWithError(RpcError, "This reference was released");
		await expectAsync(ref.with((sensor) => sensor.sample())).toBeRejectedWithError(RpcError, /always bad/);
		// Not repeated behind the caller's back.
		expect(samples).toBe(3);
	});

	it("comes back after the other vat did", async () => {
		using live = client.import(uri, Sensor).reconnecting();
		const sensor = await within(live.connected(), { what: "a connection" });
		expect(await sensor.sample()).toEqual({ celsius: 1 });
	});

	it("of this vat needs no network", async () => {
		expect(await hub.import(uri, Sensor).with((sensor) => sensor.sample())).toEqual({ celsius: 1 });
		expect(hub.peerCount).toBe(0);
	});

	it("shows where and whose, never which: the id is the secret", () => {
		const ref = client.import(uri, Sensor);
		const id = uri.slice(uri.lastIndexOf("/") + 1);
		for (const shown of [String(ref), inspect(ref), `${ref}`]) {
			expect(shown).toContain("tcp:127.0.0.1:");
			expect(shown).not.toContain(id);
		}
		expect(JSON.parse(JSON.stringify({ ref })) as object).toEqual({ ref: uri });
		expect(ref.uri).toBe(uri);
		expect(() => client.import("http://x", Sensor)).toThrowError(AddressError, /capnp:/);
	});
});
