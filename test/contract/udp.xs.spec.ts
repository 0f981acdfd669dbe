import UDP, { type Datagram } from "embedded:io/socket/udp";
import { hearsItself } from "./loopback.js";

describe("A UDP socket", () => {
	const open: UDP[] = [];
	const make = (options: ConstructorParameters<typeof UDP>[0]) => {
		const socket = new UDP(options);
		open.push(socket);
		return socket;
	};
	const bytes = (...list: number[]) => new Uint8Array(list);

	afterEach(() => {
		for (let socket = open.pop(); socket !== undefined; socket = open.pop()) socket.close();
	});

	it("has the port it asked for, or any that is free", () => {
		expect(make({ port: 47_123 }).port).toBe(47_123);
		expect(make({}).port).toBeGreaterThan(0);
		expect(() => make({ port: 47_123 })).toThrowError(/cannot open the port/);
		expect(() => make({ port: -1 })).toThrowError(RangeError);
		expect(() => make({ port: 65_536 })).toThrowError(RangeError);
	});

	it("has one format, and the target of its options", () => {
		const target = { any: "thing" };
		const socket = make({ format: "buffer", target });
		expect(socket.format).toBe("buffer");
		expect(socket.target).toBe(target);
		expect(make({}).target).toBeUndefined();
		expect(() => make({ format: "number" as "buffer" })).toThrowError(RangeError);
		expect(() => (socket.format = "number" as "buffer")).toThrowError(RangeError);
		expect(() => make({ multicast: "224.0.0.251" } as object)).toThrowError(RangeError);
	});

	it("has nothing to read before anything came", () => {
		expect(make({}).read()).toBeUndefined();
		expect(make({}).read(new Uint8Array(4))).toBeUndefined();
	});

	it("refuses what is no address, no port, no buffer and no datagram", () => {
		const socket = make({});
		expect(() => socket.write("localhost", 9, bytes(1))).toThrowError(RangeError);
		expect(() => socket.write("127.0.0.1.1", 9, bytes(1))).toThrowError(RangeError);
		expect(() => socket.write("127.0.0.1", 0, bytes(1))).toThrowError(RangeError);
		expect(() => socket.write("127.0.0.1", 65_536, bytes(1))).toThrowError(RangeError);
		expect(() => socket.write("127.0.0.1", 9, undefined as never)).toThrow();
		expect(() => socket.write("127.0.0.1", 9, new Uint8Array(1473))).toThrowError(RangeError);
	});

	it("is of no use once it is closed, and closing it again is no error", () => {
		const socket = make({});
		socket.close();
		socket.close();
		expect(() => socket.read()).toThrowError(TypeError);
		expect(() => socket.write("127.0.0.1", 9, bytes(1))).toThrowError(TypeError);
		expect(() => (UDP.prototype.read as () => unknown).call({})).toThrowError(TypeError);
	});

	it("is one of four at most", () => {
		for (let i = 0; i < 4; i++) make({});
		expect(() => make({})).toThrowError(/cannot open the port: full/);
	});

	if (!hearsItself("datagrams on their way")) return;

	/** What was sent before has arrived: a datagram behind it has. */
	async function passed(from: UDP): Promise<void> {
		let last!: UDP;
		await new Promise<void>((resolve) => {
			last = make({ onReadable: () => resolve() });
			from.write("127.0.0.1", last.port, bytes(1));
		});
		open.splice(open.indexOf(last), 1);
		last.close();
	}

	it("gives datagrams whole, in order, with who sent them", async () => {
		const from = make({ port: 47_124 });
		const got: Datagram[] = [];
		const counts: number[] = [];
		await new Promise<void>((resolve) => {
			const to = make({
				onReadable(count) {
					expect(this).toBe(to);
					counts.push(count);
					for (let next = this.read(); next !== undefined; next = this.read()) got.push(next);
					if (got.length === 3) resolve();
				},
			});
			from.write("127.0.0.1", to.port, bytes(1, 2, 3));
			from.write(bytes(4).buffer, "127.0.0.1", to.port);
			from.write("127.0.0.1", to.port, bytes());
		});
		expect(got.map((each) => [...new Uint8Array(each)])).toEqual([[1, 2, 3], [4], []]);
		expect(got.map((each) => `${each.address}:${each.port}`)).toEqual(Array(3).fill("127.0.0.1:47124"));
		expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(3);
	});

	it("copies into a buffer, and keeps what does not fit", async () => {
		const from = make({});
		await new Promise<void>((resolve) => {
			const to = make({
				onReadable() {
					expect(() => to.read(new Uint8Array(2))).toThrowError(/3 bytes, the buffer 2/);
					const into = new Uint8Array(5);
					expect(to.read(into)).toBe(3);
					expect(into).toEqual(bytes(7, 8, 9, 0, 0));
					resolve();
				},
			});
			from.write("127.0.0.1", to.port, bytes(7, 8, 9));
		});
	});

	it("keeps eight that nobody reads, and loses the rest", async () => {
		const from = make({});
		const to = make({});
		for (let i = 0; i < 20; i++) from.write("127.0.0.1", to.port, bytes(i));
		// Whoever reads has a turn before more is taken; nobody does.
		for (let turn = 0; turn < 2; turn++) await passed(from);
		const kept: number[] = [];
		for (let next = to.read(); next !== undefined; next = to.read()) kept.push(new Uint8Array(next)[0]!);
		expect(kept).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
	});

	it("keeps no more bytes than two of the largest have", async () => {
		const from = make({});
		const to = make({});
		for (const length of [1472, 1472, 1472, 1]) from.write("127.0.0.1", to.port, new Uint8Array(length));
		// Whoever reads has a turn before more is taken; nobody does.
		for (let turn = 0; turn < 2; turn++) await passed(from);
		const kept: number[] = [];
		for (let next = to.read(); next !== undefined; next = to.read()) kept.push(next.byteLength);
		expect(kept).toEqual([1472, 1472]);
		from.write("127.0.0.1", to.port, bytes(5));
		await passed(from);
		expect(to.read()?.byteLength).toBe(1);
	});
});
