import {
	DNS_FAILED,
	DNS_MESSAGE_BYTES_MAX,
	DNS_NONE,
	DNS_OTHER,
	readDnsAnswer,
	writeDnsQuestion,
} from "../../src/net/dns-message.js";
import { Seeded } from "../support/seeded.js";

const ID = 0x1234;
const HUB = 0x0a000203; // 10.0.2.3

function question(host: string): Uint8Array {
	const into = new Uint8Array(DNS_MESSAGE_BYTES_MAX);
	return into.slice(0, writeDnsQuestion(into, ID, host));
}

function labels(host: string): number[] {
	const bytes: number[] = [];
	if (host !== "")
		for (const label of host.split(".")) {
			bytes.push(label.length);
			for (let i = 0; i < label.length; i++) bytes.push(label.charCodeAt(i));
		}
	return [...bytes, 0];
}

/** A pointer to the question's name, which begins behind the header. */
const ASKED = [0xc0, 12];
const record = (name: number[], type: number, data: number[], kind = 1) => [
	...name,
	0,
	type,
	0,
	kind,
	0,
	0,
	0,
	60,
	data.length >> 8,
	data.length & 255,
	...data,
];
const a = (name: number[], ...data: number[]) => record(name, 1, data);

function answer(asked: Uint8Array, records: number[][], change: (bytes: number[]) => void = () => {}): Uint8Array {
	const bytes = [...asked, ...records.flat()];
	bytes[2] = 0x81;
	bytes[3] = 0x80;
	bytes[7] = records.length;
	change(bytes);
	return new Uint8Array(bytes);
}

describe("A question for a host's address", () => {
	it("is as RFC 1035 has it", () => {
		expect([...question("hub.Example.org")]).toEqual([
			0x12,
			0x34,
			1,
			0,
			0,
			1,
			0,
			0,
			0,
			0,
			0,
			0,
			...labels("hub.Example.org"),
			0,
			1,
			0,
			1,
		]);
		expect(question("hub.")).toEqual(question("hub"));
	});

	it("is not asked for what is no name", () => {
		const long = `${"a".repeat(63)}.`.repeat(4);
		for (const host of ["", ".", "a..b", ".a", "a b", "a\0", "ü.org", "a/b", `${"a".repeat(64)}.org`, long])
			expect(question(host).length).withContext(host).toBe(0);
		expect(question(`${"a".repeat(63)}.`.repeat(3) + "a".repeat(61)).length).toBe(12 + 255 + 4);
	});
});

describe("The answer", () => {
	const asked = question("hub.org");
	const read = (message: Uint8Array) => readDnsAnswer(asked, asked.length, message);

	it("is the address of the name that was asked for, however that is written", () => {
		expect(read(answer(asked, [a(ASKED, 10, 0, 2, 3)]))).toBe(HUB);
		expect(read(answer(asked, [a(labels("HUB.org"), 255, 0, 0, 1)]))).toBe(0xff000001);
		expect(read(answer(asked, [a(labels("evil.org"), 6, 6, 6, 6), a(ASKED, 10, 0, 2, 3)]))).toBe(HUB);
	});

	it("is found behind aliases, in any order", () => {
		const chain = [
			record(ASKED, 5, labels("one.org")),
			a(labels("two.org"), 10, 0, 2, 3),
			record(labels("one.org"), 5, labels("two.org")),
		];
		expect(read(answer(asked, chain))).toBe(HUB);
	});

	it("is none where the server says so, or has other records only", () => {
		expect(read(answer(asked, [], (bytes) => (bytes[3] = 0x83)))).toBe(DNS_NONE);
		expect(read(answer(asked, []))).toBe(DNS_NONE);
		expect(read(answer(asked, [record(ASKED, 28, Array(16).fill(1))]))).toBe(DNS_NONE);
		expect(read(answer(asked, [a(labels("evil.org"), 6, 6, 6, 6)]))).toBe(DNS_NONE);
		expect(read(answer(asked, [record(ASKED, 1, [6, 6, 6, 6], 3)]))).toBe(DNS_NONE);
		expect(read(answer(asked, [a(ASKED, 6, 6, 6)]))).toBe(DNS_NONE);
	});

	it("is a failure where the server could not say", () => {
		for (const code of [1, 2, 4, 5])
			expect(read(answer(asked, [], (bytes) => (bytes[3] = 0x80 | code)))).toBe(DNS_FAILED);
	});

	it("is not looked at unless it repeats our number and our question", () => {
		const records = [a(ASKED, 6, 6, 6, 6)];
		const changes: ((bytes: number[]) => void)[] = [
			(bytes) => (bytes[1] = 0x35),
			(bytes) => (bytes[2] = 0x01), // a question
			(bytes) => (bytes[2] = 0xa8), // another operation
			(bytes) => (bytes[5] = 0),
			(bytes) => (bytes[5] = 2),
			(bytes) => (bytes[13] = 0x69), // iub.org
			(bytes) => (bytes[asked.length - 3] = 28),
			(bytes) => (bytes[asked.length - 1] = 3),
		];
		for (const change of changes) expect(read(answer(asked, records, change))).toBe(DNS_OTHER);
		expect(read(new Uint8Array(0))).toBe(DNS_OTHER);
		expect(read(asked.slice(0, 11))).toBe(DNS_OTHER);
		expect(read(new Uint8Array([...answer(asked, records), ...Array(512).fill(0)]))).toBe(DNS_OTHER);
	});

	it("does not follow names in circles, forward, or out of the message", () => {
		const at = asked.length;
		expect(read(answer(asked, [a([0xc0, at], 6, 6, 6, 6)]))).toBe(DNS_NONE); // to itself
		expect(read(answer(asked, [a([0xc0, at + 2], 6, 6, 6, 6)]))).toBe(DNS_NONE);
		expect(read(answer(asked, [a([0xff, 0xff], 6, 6, 6, 6)]))).toBe(DNS_NONE);
		expect(read(answer(asked, [a([3, 0x68, 0x75, 0x62, 0xc0, at], 6, 6, 6, 6)]))).toBe(DNS_NONE);
		expect(read(answer(asked, [record(ASKED, 5, [0xc0, 12])]))).toBe(DNS_FAILED); // an alias of itself
		expect(read(answer(asked, [a([0x80, 1], 6, 6, 6, 6)]))).toBe(DNS_FAILED); // a kind of label that there is not
		expect(read(answer(asked, [a([200], 6, 6, 6, 6)]))).toBe(DNS_FAILED);
	});

	it("is a failure where it ends too early, or claims more than it has", () => {
		const whole = answer(asked, [a(ASKED, 10, 0, 2, 3)]);
		for (let length = asked.length; length < whole.length; length++)
			expect(read(whole.slice(0, length)))
				.withContext(String(length))
				.toBe(DNS_FAILED);
		expect(read(answer(asked, [], (bytes) => (bytes[6] = 255)))).toBe(DNS_FAILED);
		expect(read(answer(asked, [a(ASKED, 10, 0, 2, 3)], (bytes) => (bytes[bytes.length - 6] = 255)))).toBe(DNS_FAILED);
	});

	it("ends with a code or an address whatever arrives", () => {
		const random = new Seeded(419);
		const chain = answer(asked, [record(ASKED, 5, [3, 0x6f, 0x6e, 0x65, 0xc0, 16]), a(labels("one.org"), 10, 0, 2, 3)]);
		for (let i = 0; i < 2000; i++) {
			const changed = chain.slice(0, asked.length + random.below(chain.length - asked.length + 1));
			for (let n = random.below(4); n >= 0; n--)
				changed[asked.length + random.below(changed.length - asked.length + 1)] = random.below(256);
			const result = read(changed);
			expect(result >= DNS_FAILED && result <= 0xffffffff).toBe(true);
		}
	});
});
