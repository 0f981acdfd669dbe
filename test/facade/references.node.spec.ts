import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RpcError, Vat } from "vatlet";
import { Callback, Device } from "../capnpc/everything.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { until } from "../support/waiting.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
/** The condition, after one more collection. */
const collected = (condition: () => boolean) => () => {
	collect();
	return condition();
};

describe("References", () => {
	const cleanup = Cleanup.afterEach();
	let hub: Vat;
	let caller: Vat;
	let leaks: [string, string | null][];

	beforeEach(async () => {
		leaks = [];
		hub = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { insecure: true }));
		caller = cleanup.closing(
			await Vat.open({
				insecure: true,
				streamWindowBytes: 4000,
				traceReferences: true,
				onLeak: (name, madeAt) => leaks.push([name, madeAt]),
			}),
		);
	});

	/** A device that answers a `write` when told to. */
	function writable() {
		const waiting: { resolve(): void; reject(error: Error): void }[] = [];
		const uri = hub.publish("device", Device, {
			write: () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject })),
		});
		return { waiting, device: caller.connect(uri, Device) };
	}

	it("a streaming call resolves while there is room, then when there is room again; whenDone waits for all", async () => {
		const { waiting, device } = writable();
		const bytes = new Uint8Array(1000);
		for (let i = 0; i < 3; i++) await device.write({ bytes });
		let room = false;
		const full = device.write({ bytes }).then(() => (room = true));
		await until(() => waiting.length === 4);
		await turn();
		expect(room).toBeFalse();
		waiting[0]!.resolve();
		await full;
		let done = false;
		const all = device.whenDone().then(() => (done = true));
		for (const one of waiting.slice(1, 3)) one.resolve();
		await turn();
		expect(done).toBeFalse();
		waiting[3]!.resolve();
		await all;
		await device.write({ bytes });
		await until(() => waiting.length === 5);
		waiting[4]!.resolve();
		await device.whenDone();
		await device.whenDone();
	});

	it("the first streaming call that fails fails those that wait and all that follow, with its reason", async () => {
		const { waiting, device } = writable();
		const bytes = new Uint8Array(1000);
		for (let i = 0; i < 3; i++) await device.write({ bytes });
		const full = device.write({ bytes });
		await until(() => waiting.length === 4);
		waiting[1]!.reject(new RpcError("overloaded", "disk full"));
		await expectAsync(full).toBeRejectedWithError(RpcError, "disk full");
		await expectAsync(device.write({ bytes })).toBeRejectedWithError(RpcError, "disk full");
		await expectAsync(device.whenDone()).toBeRejectedWithError(RpcError, "disk full");
		expect(waiting.length).toBe(4);
		for (const one of waiting) one.resolve();
	});

	it("a signal ends the wait for room", async () => {
		const { waiting, device } = writable();
		const controller = new AbortController();
		const full = device.write({ bytes: new Uint8Array(5000) }, { signal: controller.signal });
		await until(() => waiting.length === 1);
		controller.abort(new Error("enough"));
		await expectAsync(full).toBeRejectedWithError("enough");
		waiting[0]!.resolve();
		await device.whenDone();
	});

	it("a promise holds calls back, in order, until it is resolved; or breaks them", async () => {
		const log: string[] = [];
		const later = caller.promise(Device);
		const calls = ["a", "b"].map((name) => later.promise.open({ name }));
		await turn();
		later.resolve({
			open: ({ name }: { name: string }) => {
				log.push(name);
				return {};
			},
		});
		await Promise.all(calls);
		expect(log).toEqual(["a", "b"]);
		await later.promise.whenResolved();
		expect(() => later.reject(new Error("too late"))).toThrowError(/resolved already/);
		const never = caller.promise(Device);
		const hangs = never.promise.open({});
		never.reject(new RpcError("overloaded", "not today"));
		await expectAsync(hangs).toBeRejectedWithError(RpcError, "not today");
		expect((await never.promise.whenBroken()).message).toBe("not today");
	});

	it("a promise passed to a peer is what it becomes", async () => {
		const { waiting, device } = writable();
		const seen: Device[] = [];
		const sink = caller.connect(
			hub.publish("sink", Device, {
				open: () => {
					const opened = hub.promise(Device);
					seen.push(opened.promise);
					setTimeout(() => opened.resolve(device), 10);
					return { device: opened.promise };
				},
			}),
			Device,
		);
		const opened = sink.open({ name: "x" }).device;
		await opened.write({ bytes: new Uint8Array(8) });
		await until(() => waiting.length === 1);
		waiting[0]!.resolve();
		await opened.whenDone();
		for (const one of seen) one.release();
	});

	it("a promise whose resolver was dropped breaks, by `using` or by the garbage collector", async () => {
		let promise: Device;
		{
			using dropped = caller.promise(Device);
			promise = dropped.promise;
		}
		expect((await promise.whenBroken()).message).toMatch(/dropped without being resolved/);
		const forgotten = ((): Device => caller.promise(Device).promise)();
		let reason = "";
		void forgotten.whenBroken().then((error) => (reason = error.message));
		await until(
			collected(() => reason !== ""),
			{ what: "the forgotten promise to break" },
		);
		expect(reason).toMatch(/dropped without being resolved/);
	});

	it("a broken reference fails every call with its reason", async () => {
		const broken = caller.broken(Device, new RpcError("disconnected", "never was there"));
		await expectAsync(broken.open({})).toBeRejectedWithError(RpcError, "never was there");
		await expectAsync(broken.whenResolved()).toBeRejectedWithError(RpcError, "never was there");
	});

	it("says when nobody holds a local object any more", async () => {
		const { device } = writable();
		let called = 0;
		const callback = { call: () => void called++ } as object;
		let released = 0;
		const reference = caller.serve(Callback, callback as never);
		const gone = caller.whenReleased(Callback, callback as never).then(() => released++);
		await turn();
		expect(released).toBe(0);
		reference.release();
		await gone;
		await caller.whenReleased(Callback, callback as never);
		device.release();
	});

	it("a forgotten reference is given back, and reported with the place where it was made", async () => {
		let disposed = 0;
		const uri = hub.publish("opener", Device, {
			open: () => ({ device: { write: () => {}, [Symbol.dispose]: () => void disposed++ } }),
		});
		const opener = caller.connect(uri, Device);
		await (async () => {
			await opener.open({ name: "x" });
		})();
		await until(
			collected(() => disposed === 1),
			{ what: "the forgotten device to be disposed of" },
		);
		expect(leaks.length).toBe(1);
		expect(leaks[0]![0]).toMatch(/Device$/);
		expect(leaks[0]![1]).toMatch(/made here/);
	});

	it("a reference forgotten while its call hangs cancels that call", async () => {
		let canceled = false;
		const uri = hub.publish("hanging", Device, {
			open: (_params, { signal }) => {
				signal.addEventListener("abort", () => (canceled = true));
				return new Promise<never>(() => {});
			},
		});
		const opener = caller.connect(uri, Device);
		const controller = new AbortController();
		(() => {
			const call = opener.open({ name: "x" }, { signal: controller.signal });
			void call.device;
			call.catch(() => {});
		})();
		await turn();
		controller.abort();
		await until(
			collected(() => canceled),
			{ what: "the call to be canceled" },
		);
		expect(leaks.length).toBe(1);
	});

	it("what waits for a reference to break hears of it, though nobody else holds the reference", async () => {
		const { device } = writable();
		let reason = "";
		await (async () => {
			const opened = device.as(Device);
			await opened.whenResolved();
			void opened.whenBroken().then((error) => (reason = error.message));
		})();
		// What a collection finds is told after it, and may be what keeps something from the next.
		for (let i = 0; i < 4; i++) {
			collect();
			await turn();
		}
		expect(leaks).toEqual([]);
		await hub.close("gone for good");
		await until(() => reason !== "");
		expect(reason).toContain("gone for good");
	});
});
