import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type BenchRow, compareNs, type Report, summarise } from "./bench.js";
import { HandWritten, Telemetry } from "./codec-cases.js";
import { AddressBook, Blobs, Tree, Wide } from "./codec-messages.js";
import { json, peers } from "./codec-peers.js";
import { shapePeers, shapes } from "./codec-shapes.js";

const ROUNDS = 10_000;
const LONG_ROUNDS = 30_000;
const WARM_UP_ROUNDS = 2000;

type Operations = [impl: BenchRow["impl"], operation: () => unknown][];

/** Time of the codec beside hand-written code and other libraries, and whether it leaves garbage. */
export async function run(report: Report): Promise<void> {
	const compare = (name: string, operations: Operations): void => {
		const samples = compareNs(operations.map(([, operation]) => operation));
		operations.forEach(([impl], i) =>
			report({ suite: "codec", case: name, host: "node", impl, metric: "ns", ...summarise(samples[i]!) }),
		);
	};

	const telemetry = new Telemetry();
	const hand = new HandWritten();
	let seq = 0;
	telemetry.write(1);
	hand.write(1);
	const others = [json(hand.source), ...(await peers(hand.source))];
	// All must have read the same, or the figures mean nothing.
	const sum = hand.read();
	for (const peer of others) expectSum(peer.name, peer.read() | 0, sum);
	expectSum("vatlet", telemetry.read(), sum);
	telemetry.writeWhole(1);
	expectSum("vatlet, written whole", telemetry.read(), sum);
	telemetry.writeAccessors(1);
	expectSum("vatlet, written by accessors", telemetry.readAccessors(), sum);

	// Every case has run before any is timed: what an engine learns from one struct must not flatter it.
	const messages = {
		"address-book": new AddressBook(),
		"deep-tree": new Tree(),
		"blob-list": new Blobs(),
		wide: new Wide(),
	};
	for (const message of Object.values(messages))
		for (let i = 0; i < WARM_UP_ROUNDS; i++) {
			message.write();
			message.read();
		}

	const write = (): void => telemetry.write(++seq);
	const read = (): number => (telemetry.refill(), telemetry.read());
	compare("telemetry-write", [
		["vatlet", write],
		["handwritten", () => hand.write(++seq)],
		...others.map((peer): Operations[0] => [peer.name, peer.write]),
	]);
	compare("telemetry-write-whole", [
		["vatlet", () => telemetry.writeWhole(++seq)],
		["handwritten", () => hand.write(++seq)],
	]);
	compare("telemetry-write-accessors", [
		["vatlet", () => telemetry.writeAccessors(++seq)],
		["handwritten", () => hand.write(++seq)],
	]);
	compare("telemetry-read", [
		["vatlet", read],
		["handwritten", () => hand.read()],
		...others.map((peer): Operations[0] => [peer.name, peer.read]),
	]);
	compare("telemetry-read-accessors", [
		["vatlet", () => (telemetry.refill(), telemetry.readAccessors())],
		["handwritten", () => hand.read()],
	]);
	compare("telemetry-peek", [["vatlet", () => (telemetry.refill(), telemetry.peek())]]);
	compare("telemetry-column", [["vatlet", () => (telemetry.refill(), telemetry.column())]]);
	for (const [name, message] of Object.entries(messages)) {
		const shape = shapes[name as keyof typeof shapes]();
		const others = await shapePeers(shape);
		const sum = message.read();
		for (const peer of others) expectSum(`${name} by ${peer.name}`, peer.read() | 0, sum);
		compare(`${name}-write`, [
			["vatlet", () => message.write()],
			...others.map((peer): Operations[0] => [peer.name, peer.write]),
		]);
		compare(`${name}-read`, [
			["vatlet", () => message.read()],
			...others.map((peer): Operations[0] => [peer.name, peer.read]),
		]);
		heap(report, name, () => (message.write(), message.read()));
	}
	heap(report, "telemetry", () => (write(), read()));
}

function expectSum(who: string, got: number, sum: number): void {
	if (got !== sum) throw new Error(`${who} read ${got}, not ${sum}`);
}

/**
 * Bytes of heap that a round leaves behind, after warm-up and without a collection in between. What comes once, however
 * many rounds there are (room that the engine sets aside at the first allocation after a collection, code compiled
 * meanwhile), is no round's: it is in the short run as in the long one, and their difference is without it.
 */
function heap(report: Report, name: string, operation: () => void): void {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	const growth = (rounds: number): number => {
		collect();
		const before = process.memoryUsage().heapUsed;
		for (let i = 0; i < rounds; i++) operation();
		return process.memoryUsage().heapUsed - before;
	};
	// The first ones compile the loop itself.
	for (let i = 0; i < 3; i++) growth(LONG_ROUNDS);
	const samples: number[] = [];
	for (let sample = 0; sample < 5; sample++)
		samples.push((growth(LONG_ROUNDS) - growth(ROUNDS)) / (LONG_ROUNDS - ROUNDS));
	report({ suite: "codec", case: name, host: "node", impl: "vatlet", metric: "bytes", ...summarise(samples) });
}
