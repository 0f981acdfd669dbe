import { RpcError, Vat } from "vatlet";
import type { CallContext } from "vatlet/runtime";
import {
	type Batch,
	Listener,
	Sensor,
	Subscription,
	Thermostat,
	type ThermostatMethods,
} from "../../examples/thermostat/thermostat.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { until } from "../support/waiting.js";

class Room implements ThermostatMethods {
	target = 20;
	disposed = 0;
	lastSignal: AbortSignal | null = null;
	listeners: Listener[] = [];
	unsubscribed = 0;

	read() {
		return { celsius: 18.5, target: this.target, heating: true };
	}
	async setTarget({ celsius }: { celsius: number }) {
		await Promise.resolve();
		if (celsius > 30) throw new RpcError("failed", `${celsius} is over 30`);
		this.target = celsius;
	}
	watch({ listener }: { listener: Listener | null }) {
		this.listeners.push(listener!);
		return { subscription: { setPeriod: () => {}, [Symbol.dispose]: () => void this.unsubscribed++ } };
	}
	sensor({ name }: { name: string }, context: CallContext) {
		if (name === "slow") {
			this.lastSignal = context.signal;
			return new Promise<never>(() => {});
		}
		if (name !== "room") throw new Error(`no sensor "${name}"`);
		return { sensor: { sample: () => ({ celsius: 7.25 }) } };
	}
	[Symbol.dispose]() {
		this.disposed++;
	}
}

describe("The promise facade, over TLS", () => {
	const cleanup = Cleanup.afterEach();
	let hub: Vat;
	let caller: Vat;
	let room: Room;
	let thermostat: Thermostat;
	let downs: string[];

	beforeEach(async () => {
		downs = [];
		const onPeerDown = (_name: string, reason: RpcError) => void downs.push(reason.message);
		hub = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { onPeerDown }));
		room = new Room();
		const uri = hub.publish("room", Thermostat, room);
		caller = cleanup.closing(await Vat.open());
		thermostat = caller.connect(uri, Thermostat);
	});

	it("calls methods with plain objects", async () => {
		await thermostat.setTarget({ celsius: 21 });
		const seen = await thermostat.read();
		expect(seen).toEqual({ celsius: 18.5, target: 21, heating: true });
	});

	it("carries the type and reason of an exception", async () => {
		const error: unknown = await thermostat.setTarget({ celsius: 99 }).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(RpcError);
		expect((error as RpcError).type).toBe("failed");
		expect((error as RpcError).message).toBe("99 is over 30");
	});

	it("tells where a method threw only if its vat says so", async () => {
		const traceOf = async (vat: Vat) => {
			const uri = vat.publish("throws", Thermostat, {
				read() {
					throw new TypeError("no sensor");
				},
			});
			const error = (await caller
				.connect(uri, Thermostat)
				.read()
				.catch((reason: unknown) => reason)) as RpcError;
			expect(error.message).toBe("no sensor");
			return error.remoteTrace;
		};
		expect(await traceOf(hub)).toBe("");
		const open = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { sendTraces: true }));
		expect(await traceOf(open)).toMatch(/TypeError: no sensor\n +at .*facade\.node\.spec/);
	});

	it("calls a capability of results that are not there yet", async () => {
		const { celsius } = await thermostat.sensor({ name: "room" }).sensor.sample();
		expect(celsius).toBe(7.25);
	});

	it("fails a pipelined call with the reason of the call that it hangs on", async () => {
		await expectAsync(thermostat.sensor({ name: "attic" }).sensor.sample()).toBeRejectedWithError(
			RpcError,
			'no sensor "attic"',
		);
	});

	it("passes functions and objects as capabilities and calls them back", async () => {
		const batches: Batch[] = [];
		await thermostat.watch({ listener: ({ batch }: { batch: Batch }) => void batches.push(batch) });
		const raw = new Uint8Array([1, 2, 3]);
		await room.listeners[0]!.telemetry({
			batch: { label: "kitchen", sequence: 7, raw, readings: [{ celsius: 1.5, quantity: "target" }] },
		});
		expect(batches.length).toBe(1);
		expect(batches[0]!.label).toBe("kitchen");
		expect(batches[0]!.raw).toEqual(raw);
		expect(batches[0]!.readings!.map((reading) => [reading.quantity, reading.celsius])).toEqual([["target", 1.5]]);
	});

	it("tells a local object when the last reference to it is gone", async () => {
		const { subscription } = await thermostat.watch({ listener: () => {} });
		expect(room.unsubscribed).toBe(0);
		(subscription as Subscription).release();
		await until(() => room.unsubscribed === 1);
	});

	it("cancels on the other side when a signal is aborted", async () => {
		const controller = new AbortController();
		const call = thermostat.sensor({ name: "slow" }, { signal: controller.signal });
		await until(() => room.lastSignal !== null);
		expect(room.lastSignal!.aborted).toBeFalse();
		controller.abort(new Error("enough"));
		await expectAsync(call).toBeRejectedWithError("enough");
		await until(() => room.lastSignal!.aborted);
	});

	it("sends nothing for a signal that was aborted before", async () => {
		await expectAsync(
			thermostat.sensor({ name: "slow" }, { signal: AbortSignal.abort(new Error("no")) }),
		).toBeRejectedWithError("no");
		expect(room.lastSignal).toBeNull();
	});

	it("knows its own object when it comes back", async () => {
		const mine = caller.serve(Listener, () => {});
		await thermostat.watch({ listener: mine });
		const there = room.listeners[0]!;
		expect(there.same(mine)).toBeFalse();
		expect(there.same(there.as(Listener))).toBeTrue();
	});

	it("fails methods that the object lacks as unimplemented", async () => {
		const uri = hub.publish("half", Thermostat, { read: () => ({ celsius: 1 }) });
		const half = caller.connect(uri, Thermostat);
		expect((await half.read()).celsius).toBe(1);
		const error: unknown = await half.setTarget({ celsius: 1 }).catch((reason: unknown) => reason);
		expect((error as RpcError).type).toBe("unimplemented");
	});

	it("says what an implementation has to be", () => {
		for (const nothing of [undefined, null, 7])
			expect(() => hub.publish("nothing", Sensor, nothing as never)).toThrowError(
				TypeError,
				`an object with the methods of Sensor is needed, not ${nothing}`,
			);
	});

	it("is there again at once after a message that was too large for the other side", async () => {
		await thermostat.read();
		const name = "x".repeat(40_000_000);
		await expectAsync(thermostat.sensor({ name })).toBeRejectedWithError(RpcError, /at most \d+/);
		const startMs = performance.now();
		const again = caller.connect(hub.publish("room", Thermostat, room), Thermostat);
		expect((await again.read()).celsius).toBe(18.5);
		// Not after the time that a peer has to end its side.
		expect(performance.now() - startMs).toBeLessThan(4000);
	});

	it("breaks references when the other vat goes, and says why", async () => {
		await thermostat.read();
		const broken = thermostat.whenBroken();
		await hub.close("off for today");
		const error = await broken;
		expect(error).toBeInstanceOf(RpcError);
		expect(error.type).toBe("disconnected");
		expect(error.message).toContain("off for today");
		await expectAsync(thermostat.read()).toBeRejectedWithError(RpcError);
	});

	it("refuses calls through a released reference", async () => {
		await thermostat.read();
		thermostat.release();
		thermostat.release();
		await expectAsync(thermostat.read()).toBeRejectedWithError(RpcError, "This reference was released");
	});

	it("rejects params that are of no use, and stays usable", async () => {
		await expectAsync(thermostat.sensor({ name: 5 as unknown as string })).toBeRejected();
		expect((await thermostat.read()).celsius).toBe(18.5);
	});

	it("answers for services that nobody published", async () => {
		const nobody = caller.connect(hub.uriOf(new Uint8Array([1, 2])), Sensor);
		await expectAsync(nobody.sample()).toBeRejectedWithError(RpcError, "Unknown persistent service ID");
	});
});
