/** Answers of DNS and SNTP servers, and what hostile ones send in their place. */
import { Seeded } from "../../support/seeded.js";

const HEADER = 12;
/** A pointer to the name that was asked for. */
const ASKED = [0xc0, HEADER];

function record(name: number[], type: number, data: number[], claimed = data.length): number[] {
	return [...name, 0, type, 0, 1, 0, 0, 0, 60, claimed >> 8, claimed & 255, ...data];
}

function answer(question: Buffer, count: number, records: number[]): Buffer {
	const head = Buffer.from(question);
	head.writeUInt16BE(0x8180, 2);
	head.writeUInt16BE(count, 6);
	return Buffer.concat([head, Buffer.from(records)]);
}

export function dnsAnswer(question: Buffer, address: number[]): Buffer {
	return answer(question, 1, record(ASKED, 1, address));
}

/** None is an answer to `question`: they wait for another. */
export function dnsForgeries(question: Buffer, count: number): Buffer[] {
	const random = new Seeded(1035);
	const lie = dnsAnswer(question, [6, 6, 6, 6]);
	const all: Buffer[] = [Buffer.alloc(0), Buffer.alloc(1472, 0xc0), Buffer.concat([lie, Buffer.alloc(900)])];
	for (let length = 0; length < question.length; length++) all.push(lie.subarray(0, length));
	while (all.length < count) {
		const forged = Buffer.from(lie);
		// Another number, or another question, and anything else.
		const at = random.chance(2) ? random.below(2) : HEADER + 1;
		forged[at] = forged[at]! ^ (1 << random.below(at < 2 ? 8 : 3));
		for (let n = random.below(8); n > 0; n--)
			forged[question.length + random.below(lie.length - question.length)] = random.below(256);
		all.push(forged);
	}
	return all;
}

/** Each repeats the question, and then makes no sense: the server is asked again. */
export function dnsNonsense(question: Buffer): Buffer[] {
	const end = question.length;
	const lie = [6, 6, 6, 6];
	return [
		answer(question, 0xffff, record(ASKED, 1, lie).slice(0, 9)), // more records than bytes
		answer(question, 1, record(ASKED, 1, lie, 0xffff)), // data beyond the end
		answer(question, 1, record([63], 1, lie)), // a label beyond the end
		answer(question, 1, record([0x80, 0x40], 1, lie)), // labels of a kind that there is not
		answer(question, 2, record([0xc0], 5, [])), // a pointer cut in two
		answer(question, 1, record(ASKED, 5, ASKED)), // an alias of itself
		answer(question, 2, [...record(ASKED, 5, [1, 97, 0]), ...record([1, 97, 0], 5, ASKED)]), // aliases in a circle
		answer(question, 20, [
			...record(ASKED, 5, [1, 97, 0]),
			...Array.from({ length: 19 }, (_, i) => record([1, 97 + i, 0], 5, [1, 98 + i, 0])).flat(),
		]), // and without an end
		answer(
			question,
			30,
			Array.from({ length: 30 }, () => record([0xc0, end], 1, lie))
				.flat()
				.slice(0, 470 - end),
		), // pointers at themselves, cut off
	];
}

/** 2026-07-01T12:00:00Z in NTP's seconds. */
const NOON = Date.UTC(2026, 6, 1, 12) / 1000 + 2_208_988_800;

export function timeAnswer(request: Buffer): Buffer {
	const reply = Buffer.alloc(48);
	reply.set([0x24, 2]);
	request.copy(reply, 24, 40, 48);
	reply.writeUInt32BE(NOON, 40);
	return reply;
}

/** None repeats the number that was sent, or is a reply at all. */
export function timeForgeries(request: Buffer, count: number): Buffer[] {
	const random = new Seeded(4330);
	const lie = timeAnswer(request);
	lie.writeUInt32BE(NOON + 1_000_000, 40);
	const all: Buffer[] = [Buffer.alloc(1472, 0x24)];
	for (let length = 0; length < 48; length++) all.push(lie.subarray(0, length));
	for (const mode of [0, 1, 2, 3, 5, 6, 7]) all.push(Buffer.from([0x20 | mode, ...lie.subarray(1)]));
	while (all.length < count) {
		const forged = Buffer.from(lie);
		const at = 24 + random.below(8);
		forged[at] = forged[at]! ^ (1 + random.below(255));
		for (let n = random.below(8); n > 0; n--) forged[random.below(24)] = random.below(256);
		all.push(forged);
	}
	return all;
}
