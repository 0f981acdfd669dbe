import { type RpcError, Vat } from "vatlet";
import { Sensor } from "../../examples/thermostat/thermostat.capnp.js";
import { UnluckyLine } from "../powercut/unlucky-line.js";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a vat whose peer falls silent behind a proxy that takes every byte", () => {
	const cleanup = Cleanup.afterEach();

	it("finds out while nothing is called, comes back over a sound line, and fails what is called meanwhile", async () => {
		const hub = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { keepalive: { idleMs: Infinity } }));
		const uri = hub.publish("sensor", Sensor, { sample: () => ({ celsius: 21 }) });
		const line = cleanup.closing(await new UnluckyLine(Number(/:(\d+)\//.exec(uri)![1]), {}).open());
		const downs: RpcError[] = [];
		const client = cleanup.closing(
			await Vat.open({
				// An answer takes as long as this process lets itself wait for its own hub.
				keepalive: { idleMs: 200, answerMs: 3000 },
				dialTimeoutMs: 3000,
				onPeerDown: (_name, reason) => downs.push(reason),
			}),
		);
		const live = client.import(uri.replace(/:\d+\//, `:${line.port}/`), Sensor).reconnecting();
		const sensor = await live.connected();
		expect((await sensor.sample()).celsius).toBe(21);
		// Idle and healthy: asked several times, still the same connection.
		await turn(1500);
		expect([downs.length, line.connections]).toEqual([0, 1]);
		expect((await sensor.sample()).celsius).toBe(21);

		line.holds = true;
		const silent = sensor.sample().catch((reason: unknown) => reason);
		const error = (await within(silent, { what: "the silence to be noticed" })) as RpcError;
		expect(error.type).toBe("disconnected");
		expect(error.message).toContain("did not answer a probe");
		expect(downs[0]!.message).toBe(error.message);
		line.holds = false;
		// A dial may still be on its way into the silence.
		let celsius = 0;
		for (let i = 0; i < 100 && celsius === 0; i++) {
			await turn(100);
			const back = await within(live.connected(), { what: "the reference to be there again" });
			({ celsius } = await back.sample().catch(() => ({ celsius: 0 })));
		}
		expect(celsius).toBe(21);
		live.release();
	});
});
