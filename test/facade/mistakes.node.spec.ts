import { RpcError, Vat } from "vatlet";
import { MessagePool, type StructType } from "vatlet/runtime";
import { Callback, Device, Lists, OnlyUnion } from "../capnpc/everything.capnp.js";
import { Cleanup } from "../support/cleanup.node.js";
import { until } from "../support/waiting.js";

/** What the schema types forbid, and plain JavaScript does. */
const loose = (value: unknown) => value as never;

describe("Mistakes of programs", () => {
	const cleanup = Cleanup.afterEach();
	let hub: Vat;
	let caller: Vat;

	beforeEach(async () => {
		hub = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { insecure: true }));
		caller = cleanup.closing(await Vat.open({ insecure: true }));
	});

	const holds = () => (caller.dump().match(/^import/gm) ?? []).length;

	it("whatever a method throws, its caller hears of it", async () => {
		let throws: () => unknown = () => {};
		const device = caller.connect(hub.publish("device", Device, { open: () => loose(throws()) }), Device);
		const thrown = async (value: unknown): Promise<RpcError[]> => {
			const errors: RpcError[] = [];
			for (const now of [true, false]) {
				throws = () => {
					if (now) throw value;
					return Promise.reject(value as Error);
				};
				await device.open({ name: "" }).then(
					() => fail("it was thrown"),
					(error: RpcError) => errors.push(error),
				);
			}
			return errors;
		};
		const unprintable = {
			toJSON: () => {
				throw new Error("no text");
			},
		};
		const odd = Object.assign(new Error(), { message: { code: 7 } });
		for (const [value, text] of [
			[Object.create(null), "{}"],
			[unprintable, "something was thrown that has no text"],
			[{ code: 1 }, '{"code":1}'],
			[new AggregateError([]), "AggregateError"],
			[odd, '{"code":7}'],
			[Symbol("q"), "Symbol(q)"],
			[undefined, "undefined"],
			[new RpcError(loose("nonsense"), "of no type"), "of no type"],
		] as const)
			for (const error of await thrown(value)) {
				expect(error.message).toBe(text);
				expect(error.type).toBe("failed");
			}
	});

	it("a capability taken from a promise is the one in the results: released once, it is gone", async () => {
		let disposed = 0;
		const made = () => ({ device: loose({ [Symbol.dispose]: () => void disposed++ }) });
		const device = caller.connect(hub.publish("device", Device, { open: made }), Device);
		const answer = device.open({ name: "kept" });
		const opened = answer.device;
		const results = await answer;
		expect(results.device).toBe(opened);
		expect(holds()).toBe(2);
		opened[Symbol.dispose]();
		await until(() => disposed === 1);
		expect(holds()).toBe(1);
		const early = device.open({ name: "given back before it came" });
		early.device[Symbol.dispose]();
		await early;
		await until(() => disposed === 2);
		expect(holds()).toBe(1);
	});

	it("capabilities in results that never come, or are null, fail when called with the reason", async () => {
		const device = caller.connect(hub.publish("device", Device, { open: () => ({}) }), Device);
		const wrong = device.open(loose({ nme: "x" }));
		await expectAsync(wrong.device.open({})).toBeRejectedWithError("Device.open$Params has no field nme");
		await expectAsync(wrong).toBeRejectedWithError(TypeError);
		const controller = new AbortController();
		const aborted = device.open({ name: "" }, { signal: controller.signal });
		controller.abort(new Error("enough"));
		await expectAsync(aborted.device.open({})).toBeRejectedWithError("enough");
		const empty = device.open({ name: "" });
		await empty;
		await expectAsync(empty.device.open({})).toBeRejectedWithError("Called null capability");
		await expectAsync(empty.status.deeper!.device.open({})).toBeRejectedWithError("Called null capability");
	});

	it("every whenDone waits, also while another does", async () => {
		const waiting: (() => void)[] = [];
		const uri = hub.publish("device", Device, { write: () => new Promise<void>((resolve) => waiting.push(resolve)) });
		const device = caller.connect(uri, Device);
		await device.write({ bytes: new Uint8Array(1) });
		const done: number[] = [];
		const both = [1, 2].map((one) => device.whenDone().then(() => done.push(one)));
		await until(() => waiting.length === 1);
		await new Promise((resolve) => setTimeout(resolve, 10));
		expect(done).toEqual([]);
		waiting[0]!();
		await Promise.all(both);
	});

	it("plain objects that do not fit are refused in few words that name the field", () => {
		const pool = new MessagePool();
		const refused = <T>(type: StructType<T>, object: unknown): string => {
			const message = pool.take()!;
			try {
				type.fromObject(loose(object), message.initRoot(type.createBuilder(), type.dataWords, type.pointerCount));
				return "taken";
			} catch (error) {
				return (error as Error).message;
			} finally {
				message.release();
			}
		};
		expect(refused(Lists, { uint8s: new DataView(new ArrayBuffer(4)) })).toBe(
			"Lists.uint8s: an array is needed, not an object",
		);
		expect(refused(Lists, { texts: ["x", () => 1] })).toBe("Lists.texts: [1] a string is needed, not a function");
		expect(refused(Lists, { int8s: ["y".repeat(1e6)] }).length).toBeLessThan(120);
		expect(refused(Lists, { datas: [new Uint8Array(1e8)] })).toMatch(/^Lists\.datas: \[0\] no block of \d+ words/);
		for (const wrong of [[], new Map([["uint8s", [1]]]), new Date(), new Uint8Array(1)])
			expect(refused(Lists, wrong)).toMatch(/^Lists: an object is needed, not an /);
		const endless: Record<string, unknown> = {};
		endless["two"] = endless;
		expect(refused(OnlyUnion, endless)).toMatch(/^OnlyUnion\.two: /);
	});

	it("what is no capability is refused: promises, resolvers, numbers", async () => {
		const call = (value: unknown) => () => caller.promise(Callback).resolve(loose(value));
		expect(call(Promise.resolve())).toThrowError(TypeError, /not a promise: await it/);
		expect(call(caller.promise(Callback))).toThrowError(TypeError, /not a resolver: pass its promise/);
		expect(call(5n)).toThrowError(TypeError, /object with methods, not 5/);
	});

	it("a class, or a function for several methods, is refused when it is served and not at each call", () => {
		class Kitchen {}
		expect(() => hub.publish("kitchen", Device, loose(Kitchen))).toThrowError(
			TypeError,
			/has 6 methods: a function can only/,
		);
		expect(() =>
			hub.serve(
				Callback,
				loose(() => {}),
			),
		).not.toThrow();
	});

	it("what events and disposers throw is the program's to hear of, and ends nothing else", async () => {
		await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
			const throwing = (text: string) => () => {
				throw new Error(text);
			};
			const devices = hub.publish("devices", Device, {
				open: ({ name }) => ({ device: loose({ [Symbol.dispose]: throwing("disposer of " + name) }) }),
			});
			const clumsy = await Vat.open({
				insecure: true,
				trace: throwing("trace"),
				onPeerUp: throwing("up"),
				onPeerDown: throwing("down"),
				onDialFailed: throwing("dial"),
			});
			const device = clumsy.connect(devices, Device);
			await device.open({ name: "a" });
			await device.open({ name: "b" });
			await expectAsync(clumsy.connect("capnp://insecure@127.0.0.1:1/eA", Device).open({})).toBeRejectedWithError(
				RpcError,
			);
			await clumsy.close();
			const texts = () => new Set(errors.calls.allArgs().map(([error]) => (error as Error).message));
			await until(() => texts().size === 6);
			expect([...texts()].sort()).toEqual(["dial", "disposer of a", "disposer of b", "down", "trace", "up"]);
			await expectAsync(caller.connect(devices, Device).open({ name: "c" })).toBeResolved();
			await caller.close();
			await until(() => texts().has("disposer of c"));
		});
	});

	it("a closed vat listens no more, and nothing waits for it for ever", async () => {
		const uri = hub.publish("device", Device, {});
		const ends: [string, number][] = [];
		const events = { onDisconnected: ({ message }: RpcError, retryMs: number) => void ends.push([message, retryMs]) };
		const there = caller.reconnecting(uri, Device, events);
		const away = caller.reconnecting("capnp://insecure@127.0.0.1:1/eA", Device, events);
		const waits = away.connected();
		await until(() => there.current !== null && ends.length > 0);
		ends.length = 0;
		await Promise.all([caller.close("enough"), expectAsync(waits).toBeRejectedWithError(RpcError, "enough")]);
		expect(ends).toEqual([
			["enough", Infinity],
			["enough", Infinity],
		]);
		await expectAsync(there.connected()).toBeRejectedWithError(RpcError, "enough");
		await expectAsync(caller.reconnecting(uri, Device).connected()).toBeRejectedWithError(RpcError, "enough");
		await expectAsync(caller.listenAt({ kind: "tcp", host: "127.0.0.1", port: 0 })).toBeRejectedWithError("enough");
	});
});
