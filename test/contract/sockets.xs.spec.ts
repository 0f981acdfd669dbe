import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import { hearsItself } from "./loopback.js";

describe("A TCP listener, as ECMA-419 has it", () => {
	let listener: Listener;

	afterEach(() => listener.close());

	it("says which port it was given", () => {
		listener = new Listener({});
		expect(listener.port).toBeGreaterThan(0);
		listener.close();
		listener = new Listener({ port: 47_125 });
		expect(listener.port).toBe(47_125);
		expect(() => new Listener({ port: 65_536 })).toThrowError(RangeError);
	});

	it("has one format, and the target of its options", () => {
		const target = {};
		listener = new Listener({ format: "socket/tcp", target });
		expect(listener.format).toBe("socket/tcp");
		expect(listener.target).toBe(target);
		expect(() => (listener.format = "buffer" as "socket/tcp")).toThrowError(RangeError);
		expect(() => new Listener({ format: "buffer" as "socket/tcp" })).toThrowError(RangeError);
	});

	it("has nobody to give before somebody comes, and nothing once it is closed", () => {
		listener = new Listener({});
		expect(listener.read()).toBeUndefined();
		listener.close();
		expect(() => listener.port).toThrowError(TypeError);
	});
});

describe("A TCP stream, as ECMA-419 has it", () => {
	it("refuses what cannot be dialled", () => {
		expect(() => new TCP({ port: 7 })).toThrowError(TypeError);
		expect(() => new TCP({ address: "127.0.0.1", port: 0 })).toThrowError(RangeError);
		expect(() => new TCP({ address: "127.0.0.1", port: 65_536 })).toThrowError(RangeError);
		expect(() => new TCP({ address: "example.com", port: 7 })).toThrowError(RangeError);
		expect(() => new TCP({ address: "127.0.0.1", port: 7, format: "text" as "buffer" })).toThrowError(RangeError);
	});

	if (!hearsItself("streams between two sockets")) return;

	it("takes nodelay, a format and a target with its other options, from one that was accepted, too", async () => {
		const target = { any: "thing" };
		const listener = new Listener({
			onReadable() {
				const accepted = new TCP({ from: this.read()!, format: "number", target });
				expect(accepted.format).toBe("number");
				expect(accepted.target).toBe(target);
				accepted.write(65);
				accepted.close();
			},
		});
		const got = await new Promise<number | undefined>((resolve) => {
			const stream = new TCP({
				address: "127.0.0.1",
				port: listener.port,
				nodelay: true,
				format: "number",
				target,
				onReadable() {
					expect(this.target).toBe(target);
					resolve(this.read() as number);
					stream.close();
				},
			});
		});
		expect(got).toBe(65);
		listener.close();
	});
});

describe("A timer, as the SDK has it", () => {
	it("calls with the global object as `this`, and with itself", async () => {
		const seen = await new Promise<[unknown, unknown]>((resolve) => {
			timer = Timer.set(function (this: unknown, itself: Timer) {
				resolve([this, itself]);
			}, 1);
		});
		expect(seen[0]).toBe(globalThis);
		expect(seen[1]).toBe(timer);
	});
	let timer: Timer;
});
