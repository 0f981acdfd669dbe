/** The promise that what happens per message allocates nothing in XS: no slot, no chunk, no block, no collection. */
import { type Call, type Hook, Pools, Server, StructBuilder, StructReader } from "vatlet/runtime";
import { CHUNK_BYTES, COLLECTIONS, MALLOCS, SLOTS, collect, meter, nowMs, print } from "vatlet/system";
import { Channel } from "../../src/net/channel.js";
import { Loopback } from "../../src/net/loopback.js";
import { SerialLine, type SerialSessions, type SerialStream } from "../../src/net/serial-line.js";
import type { Alarm, AlarmHandler, Clock } from "../../src/ports/clock.js";
import { Connection } from "../../src/rpc/connection.js";
import { DEVICE_LIMITS } from "../../src/rpc/limits.js";
import { Telemetry } from "../bench/codec-cases.js";

const ROUNDS = 10_000;
const meters = [SLOTS, CHUNK_BYTES, MALLOCS, COLLECTIONS];
const before = new Int32Array(meters.length);

/** What `rounds` of `work` changed. The loop is warm: whatever is made once is there. */
function changes(work: (round: number) => void): {
	slots: number;
	chunkBytes: number;
	mallocs: number;
	collections: number;
} {
	for (let i = 0; i < 16; i++) work(i);
	collect();
	for (let i = 0; i < meters.length; i++) before[i] = meter(meters[i]!);
	const startMs = nowMs();
	for (let i = 0; i < ROUNDS; i++) work(i);
	const endMs = nowMs();
	for (let i = 0; i < meters.length; i++) before[i] = meter(meters[i]!) - before[i]!;
	print(`${ROUNDS} rounds, ${(((endMs - startMs) * 1000) / ROUNDS).toFixed(1)} us each`);
	return { slots: before[0]!, chunkBytes: before[1]!, mallocs: before[2]!, collections: before[3]! };
}

const nothing = { slots: 0, chunkBytes: 0, mallocs: 0, collections: 0 };

class Echo extends Server {
	readonly #params = new StructReader();
	readonly #results = new StructBuilder();
	dispatch(call: Call): number {
		const number = call.readParams(this.#params).uint32(0);
		call.initResults(this.#results, 1, 0).putUint32(0, number);
		call.done();
		return 0;
	}
}

/** Time stands still: only what is due at once rings. */
class Now implements Clock {
	readonly #alarms: DueAlarm[] = [];
	nowMs(): number {
		return 1;
	}
	createAlarm(handler: AlarmHandler): Alarm {
		const alarm = new DueAlarm(handler);
		this.#alarms.push(alarm);
		return alarm;
	}
	ring(): void {
		for (let i = 0; i < this.#alarms.length; i++) this.#alarms[i]!.ring();
	}
}

class DueAlarm implements Alarm {
	readonly #handler: AlarmHandler;
	#due = false;
	constructor(handler: AlarmHandler) {
		this.#handler = handler;
	}
	set(deadlineMs: number): void {
		this.#due = deadlineMs <= 1;
	}
	clear(): void {
		this.#due = false;
	}
	close(): void {}
	ring(): void {
		if (!this.#due) return;
		this.#due = false;
		this.#handler.onAlarm(1);
	}
}

class Side {
	readonly pools = new Pools({ messages: { segmentWords: 128, messages: 32, segments: 48 }, calls: 16, pipelined: 16 });
	readonly clock = new Now();
	readonly connection: Connection;
	readonly channel: Channel;

	constructor(transport: Loopback["left"], root: Server | null, name: string) {
		this.channel = new Channel({ transport, messages: this.pools.messages, clock: this.clock, segmentsMax: 8 });
		this.connection = new Connection({
			pools: this.pools,
			sender: this.channel,
			limits: DEVICE_LIMITS,
			sealed: true,
			name,
			bootstrap: root && {
				bootstrap(call) {
					call.resultsAny().setHook(root.hook);
					call.done();
				},
			},
		});
		this.channel.start(this.connection);
		this.pools.seal();
	}
}

class Caller {
	answered = 0;
	sum = 0;
	readonly #loopback = new Loopback(4096);
	readonly #server = new Side(this.#loopback.right, new Echo(), "server");
	readonly #client = new Side(this.#loopback.left, null, "client");
	readonly #root: Hook;
	readonly #params = new StructBuilder();
	readonly #results = new StructReader();

	constructor() {
		this.#root = this.#client.connection.bootstrap();
		this.#run();
	}

	returned(call: Call): void {
		this.answered++;
		this.sum += call.readResults(this.#results).uint32(0);
	}
	failed(): void {}

	echo(number: number): void {
		const call = this.#client.pools.takeCall();
		call.start(this.#root, 0, 1, 0);
		call.initParams(this.#params, 1, 0).putUint32(0, number);
		call.send(this);
		this.#run();
	}
	#run(): void {
		do {
			this.#client.clock.ring();
			this.#server.clock.ring();
		} while (this.#loopback.run() > 0);
	}
}

/** A vat's end of a serial line: the link with its time-keeping, and a stream. */
class LineEnd implements SerialSessions {
	readonly clock = new Now();
	readonly line: SerialLine;
	stream: SerialStream | null = null;
	received = 0;
	readonly #bytes = new Uint8Array(512);

	constructor(transport: Loopback["left"], name: string) {
		this.line = new SerialLine(transport, name, this.clock, this, null);
	}
	opened(stream: SerialStream): void {
		this.stream = stream;
		stream.events = this;
	}
	refused(): void {}
	lost(): void {}
	onReadable(): void {
		this.received += this.stream!.read(this.#bytes, 0, this.#bytes.length);
	}
	onWritable(): void {}
	onClosed(): void {}
	send(bytes: number): void {
		this.stream!.write(this.#bytes, 0, bytes);
		this.stream!.flush();
	}
}

/** Two ends of a serial link; `exchange` sends both ways, acknowledgements included. */
class Cable {
	readonly #loopback = new Loopback(4096);
	readonly left = new LineEnd(this.#loopback.left, "left");
	readonly right = new LineEnd(this.#loopback.right, "right");

	constructor() {
		this.right.line.listen(2);
		this.left.line.dial(1);
		this.#run();
	}
	exchange(round: number): void {
		this.left.send(1 + (round % 400));
		this.right.send(1 + (round % 300));
		this.#run();
	}
	#run(): void {
		do {
			this.left.clock.ring();
			this.right.clock.ring();
		} while (this.#loopback.run() > 0);
	}
}

describe("ten thousand times nothing", () => {
	it("is allocated by the loop that measures", () => {
		expect(changes(() => {})).toEqual(nothing);
	});

	it("is allocated by writing and reading a batch of readings", () => {
		const telemetry = new Telemetry();
		expect(
			changes((round) => {
				telemetry.write(round);
				telemetry.read();
			}),
		).toEqual(nothing);
	});

	it("is allocated by calls and their answers between two sealed vats", () => {
		const caller = new Caller();
		expect(changes((round) => caller.echo(round))).toEqual(nothing);
		expect(caller.answered).toBe(ROUNDS + 16);
		expect(caller.sum).toBe((ROUNDS * (ROUNDS - 1)) / 2 + 120);
	});

	it("is allocated by a serial link that carries bytes both ways", () => {
		const cable = new Cable();
		expect(changes((round) => cable.exchange(round))).toEqual(nothing);
		let bytes = 0;
		for (let i = 0; i < ROUNDS; i++) bytes += 1 + (i % 400);
		for (let i = 0; i < 16; i++) bytes += 1 + i;
		expect(cable.right.received).toBe(bytes);
	});
});
