import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type BenchRow, type Report, summarise, timeNs } from "./bench.js";
import { HandWritten, Telemetry } from "./codec-cases.js";
import { AddressBook, Blobs, Tree, Wide } from "./codec-messages.js";
import { json, peers } from "./codec-peers.js";

const ROUNDS = 10_000;

/** Time of the codec beside hand-written code and other libraries, and whether it leaves garbage. */
export async function run(report: Report): Promise<void> {
	const row = (name: string, impl: BenchRow["impl"], operation: () => unknown): void =>
		report({ suite: "codec", case: name, host: "node", impl, metric: "ns", ...summarise(timeNs(operation)) });

	const telemetry = new Telemetry();
	const hand = new HandWritten();
	let seq = 0;
	telemetry.write(1);
	hand.write(1);
	const others = [json(hand.source), ...(await peers(hand.source))];
	// All must have read the same, or the figures mean nothing.
	const sum = hand.read();
	for (const peer of others)
		if ((peer.read() | 0) !== sum) throw new Error(`${peer.name} read ${peer.read()}, not ${sum}`);
	if (telemetry.read() !== sum) throw new Error(`vatlet read ${telemetry.read()}, not ${sum}`);

	// Every case has run before any is timed: what an engine learns from one struct must not flatter it.
	const shapes = [new AddressBook(), new Tree(), new Blobs(), new Wide()];
	for (const shape of shapes)
		for (let i = 0; i < 2000; i++) {
			shape.write();
			shape.read();
		}

	row("telemetry-write", "vatlet", () => telemetry.write(++seq));
	row("telemetry-write", "handwritten", () => hand.write(++seq));
	for (const peer of others) row("telemetry-write", peer.name, peer.write);
	const read = (): number => (telemetry.refill(), telemetry.read());
	row("telemetry-read", "vatlet", read);
	row("telemetry-read", "handwritten", () => hand.read());
	for (const peer of others) row("telemetry-read", peer.name, peer.read);
	row("telemetry-peek", "vatlet", () => (telemetry.refill(), telemetry.peek()));
	row("telemetry-column", "vatlet", () => (telemetry.refill(), telemetry.column()));
	for (const [name, shape] of [
		["addressbook", shapes[0]],
		["tree", shapes[1]],
		["blobs", shapes[2]],
		["wide", shapes[3]],
	] as const) {
		row(`${name}-write`, "vatlet", () => shape!.write());
		row(`${name}-read`, "vatlet", () => shape!.read());
	}
	heap(report, "telemetry", () => (telemetry.write(++seq), read()));
}

/** Bytes of heap that a round leaves behind, after warm-up and without a collection in between. */
function heap(report: Report, name: string, operation: () => void): void {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	const samples: number[] = [];
	for (let sample = 0; sample < 5; sample++) {
		collect();
		const before = process.memoryUsage().heapUsed;
		for (let i = 0; i < ROUNDS; i++) operation();
		samples.push((process.memoryUsage().heapUsed - before) / ROUNDS);
	}
	report({ suite: "codec", case: name, host: "node", impl: "vatlet", metric: "bytes", ...summarise(samples) });
}
