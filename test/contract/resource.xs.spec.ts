import config from "mc/config";
import Resource, { type HostBuffer } from "Resource";
import Instrumentation from "instrumentation";
import Time from "time";

const text = (buffer: ArrayBuffer): string => String.fromCharCode(...new Uint8Array(buffer));

describe("a resource", () => {
	it("is there under its file's name, and nothing else is", () => {
		expect(Resource.exists("lamps.txt")).toBe(true);
		expect(Resource.exists("empty.bin")).toBe(true);
		for (const name of ["lamps", "LAMPS.txt", "data/lamps.txt", ""]) {
			expect(Resource.exists(name)).toBe(false);
			expect(() => new Resource(name)).toThrowError(URIError);
		}
		expect(() => new Resource("none.txt")).toThrowError(URIError, 'there is no resource "none.txt"');
	});

	it("wants a name", () => {
		const Loose = Resource as unknown as { new (name?: unknown): object; exists(name?: unknown): boolean };
		expect(() => new Loose()).toThrowError(SyntaxError);
		expect(() => Loose.exists()).toThrowError(SyntaxError);
		expect(() => new Loose(Symbol("lamps.txt"))).toThrowError(TypeError);
	});

	it("is the bytes themselves, for typed arrays and DataViews, and cannot be written", () => {
		const words = new Resource("words.bin");
		expect(words.byteLength).toBe(8);
		expect(Array.from(new Uint8Array(words, 2, 3))).toEqual([3, 4, 5]);
		expect(new DataView(words).getUint32(4)).toBe(0x05060708);
		expect(Array.from(new Uint32Array(words))).toEqual([0x04030201, 0x08070605]);
		expect(() => (new Uint8Array(words)[0] = 9)).toThrowError(TypeError);
		expect(() => new DataView(words).setUint8(0, 9)).toThrowError(TypeError);
		expect(() => new Uint8Array(words).fill(9)).toThrowError(TypeError);
		expect(new Uint8Array(words)[0]).toBe(1);
		expect(new Resource("empty.bin").byteLength).toBe(0);
	});

	it("gives slices: copies that can be written, or the same bytes without a copy", () => {
		const lamps = new Resource("lamps.txt");
		const whole = "A list of lamps\nred\ngreen\n";
		expect(text(lamps.slice())).toBe(whole);
		expect(text(lamps.slice(16, 19))).toBe("red");
		expect(text(lamps.slice(20))).toBe("green\n");
		expect(lamps.slice(20) instanceof ArrayBuffer).toBe(true);
		const copy = new Uint8Array(lamps.slice(0, 6));
		copy[0] = "B".charCodeAt(0);
		expect(text(copy.buffer)).toBe("B list");
		expect(text(lamps.slice(0, 1))).toBe("A");

		const same = lamps.slice(16, 25, false) as HostBuffer;
		expect(same instanceof ArrayBuffer).toBe(false);
		expect(same.byteLength).toBe(9);
		expect(text(same)).toBe("red\ngreen");
		expect(text(same.slice(4, 9))).toBe("green");
		expect(() => (new Uint8Array(same)[0] = 9)).toThrowError(TypeError);
	});

	it("holds the ends of a slice to what there is", () => {
		const words = new Resource("words.bin");
		const length = (begin: number, end?: number): number => words.slice(begin, end).byteLength;
		expect(length(8)).toBe(0);
		expect(length(100)).toBe(0);
		expect(length(-1)).toBe(8);
		expect(length(2, 1)).toBe(0);
		expect(length(2, -1)).toBe(0);
		expect(length(2, 11)).toBe(6);
		expect(() => (words.slice as () => unknown).call({})).toThrowError(SyntaxError);
	});
});

describe("what the SDK's base manifest brings besides", () => {
	it("is a configuration that nobody changes, in its depth too", () => {
		expect(config.contract).toEqual({ list: [1, 2], text: "kept" });
		expect(Object.isFrozen(config) && Object.isFrozen(config.contract) && Object.isFrozen(config.contract.list)).toBe(
			true,
		);
		expect(() => config.contract.list.push(3)).toThrowError(TypeError);
	});

	it("is a clock that a program can set", () => {
		const start = Time.ticks;
		expect(Number.isInteger(start)).toBe(true);
		expect(Time.delta(10, 25)).toBe(15);
		expect(Time.delta(start)).toBeGreaterThanOrEqual(0);
		expect(Time.microseconds).toBeGreaterThanOrEqual(start * 1000);
		Time.set(86_400 * 365);
		expect(new Date().toISOString().slice(0, 15)).toBe("1971-01-01T00:0");
		expect(() => Time.set(-1)).toThrowError(RangeError);
		expect(() => (Time.timezone = 3600)).toThrowError(RangeError);
		expect([Time.timezone, Time.dst]).toEqual([0, 0]);
	});

	it("is measures by the SDK's names", () => {
		const used = Instrumentation.map("XS Slot Heap Used")!;
		expect(Instrumentation.get(used)).toBeGreaterThan(1000);
		expect(Instrumentation.name(used)).toBe("XS Slot Heap Used");
		expect(Instrumentation.map("Pixels Drawn")).toBeUndefined();
		let count = 0;
		while (Instrumentation.name(count + 1) !== undefined) count++;
		expect(count).toBeGreaterThan(5);
		expect(Instrumentation.get(count + 1)).toBeUndefined();
	});

	it("is a trace function for everybody", () => {
		expect(typeof (globalThis as { trace?: unknown }).trace).toBe("function");
		trace("trace takes ", 3, " arguments\n");
	});
});
