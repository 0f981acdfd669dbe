import { Loopback } from "../../src/net/loopback.js";
import type { TransportError, TransportEvents } from "../../src/ports/transport.js";

class Log implements TransportEvents {
	readonly seen: string[] = [];
	onReadable(): void {
		this.seen.push("readable");
	}
	onWritable(): void {
		this.seen.push("writable");
	}
	onClosed(error: TransportError | null): void {
		this.seen.push(error === null ? "closed" : error.kind);
	}
}

function pair(capacityBytes: number) {
	const loopback = new Loopback(capacityBytes);
	const left = new Log();
	const right = new Log();
	loopback.left.events = left;
	loopback.right.events = right;
	return { loopback, left, right };
}

function sixBytes(): Uint8Array {
	return new Uint8Array([1, 2, 3, 4, 5, 6]);
}

describe("a loopback", () => {
	it("shows bytes to the other end only after a flush, and calls nobody from inside", () => {
		const { loopback, right } = pair(16);
		loopback.left.write(sixBytes(), 0, 3);
		loopback.run();
		expect(loopback.right.readable()).toBe(0);
		loopback.left.flush();
		expect(right.seen).toEqual([]);
		loopback.run();
		expect(right.seen).toEqual(["readable"]);
		const into = new Uint8Array(3);
		expect(loopback.right.read(into, 0, 8)).toBe(3);
		expect(into).toEqual(new Uint8Array([1, 2, 3]));
	});

	it("takes no more than its buffer holds and says when there is room", () => {
		const { loopback, left } = pair(4);
		expect(loopback.left.write(sixBytes(), 0, 6)).toBe(4);
		expect(loopback.left.writable()).toBe(0);
		loopback.run();
		expect(loopback.right.read(new Uint8Array(4), 0, 2)).toBe(2);
		loopback.run();
		expect(left.seen).toEqual(["writable"]);
		expect(loopback.left.write(sixBytes(), 4, 2)).toBe(2);
	});

	it("keeps bytes readable after an orderly end", () => {
		const { loopback, left, right } = pair(8);
		loopback.left.write(sixBytes(), 0, 2);
		loopback.left.close();
		loopback.run();
		expect(right.seen).toEqual(["readable", "closed"]);
		expect(left.seen).toEqual(["closed"]);
		expect(loopback.right.readable()).toBe(2);
	});

	it("ends with an error and without the bytes when aborted or cut", () => {
		const aborted = pair(8);
		aborted.loopback.left.write(sixBytes(), 0, 2);
		aborted.loopback.left.abort();
		aborted.loopback.run();
		expect(aborted.right.seen).toEqual(["reset"]);
		const cut = pair(8);
		cut.loopback.cut({ kind: "timeout", message: "gone" });
		cut.loopback.run();
		expect(cut.left.seen).toEqual(["timeout"]);
		expect(cut.right.seen).toEqual(["timeout"]);
	});

	it("asks to be run once per batch of work", () => {
		const { loopback } = pair(8);
		let asked = 0;
		loopback.onDue = () => asked++;
		loopback.left.write(sixBytes(), 0, 1);
		loopback.left.flush();
		loopback.right.write(sixBytes(), 0, 1);
		loopback.right.flush();
		expect(asked).toBe(1);
		loopback.run();
		loopback.left.write(sixBytes(), 0, 1);
		loopback.left.flush();
		expect(asked).toBe(2);
	});
});
