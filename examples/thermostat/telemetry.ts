import {
	type Call,
	type Exception,
	ExceptionType,
	type Pools,
	type ReturnHandler,
	StructListBuilder,
	TextReader,
} from "vatlet/runtime";
import { writeUsage } from "./usage.js";
import { type Room, SAMPLES_PER_READING } from "./room.js";
import {
	BatchBuilder,
	BatchReader,
	ListenerClient,
	Quantity,
	ReadingBuilder,
	SubscriptionServer,
	type SubscriptionSetPeriodCall,
	UsageBuilder,
} from "./thermostat.capnp.js";

/** Readings that wait for the batch they go into; more than that, and the oldest are dropped. */
const READINGS_MAX = 24;
/** Room, outside and target, each time. */
const READINGS_PER_SAMPLE = 3;
const PERIOD_MS_MIN = 50;

/**
 * One watcher's telemetry: a subscription that the watcher holds and a listener that we hold, each released when the other goes.
 * Everything is made at start-up; batches are written straight into their messages.
 */
export class Telemetry extends SubscriptionServer implements ReturnHandler {
	readonly listener: ListenerClient;
	readonly #room: Room;
	readonly #label: TextReader;
	readonly #batch = new BatchBuilder();
	readonly #usage = new UsageBuilder();
	readonly #list = new StructListBuilder<ReadingBuilder>();
	readonly #reading = new ReadingBuilder();
	readonly #uptimesMs = new Uint32Array(READINGS_MAX);
	readonly #quantities = new Uint8Array(READINGS_MAX);
	readonly #values = new Float32Array(READINGS_MAX);
	#oldest = 0;
	#count = 0;
	#sequence = 0;
	#periodMs = 250;
	#dueMs = 0;
	#inFlight = false;

	constructor(pools: Pools, room: Room, label: string) {
		super();
		this.listener = new ListenerClient(pools);
		this.#room = room;
		this.#label = textIn(pools, label);
	}

	get active(): boolean {
		return !this.listener.isNull;
	}

	/** Called by the generated server. */
	setPeriod(call: SubscriptionSetPeriodCall): void {
		this.#periodMs = Math.max(PERIOD_MS_MIN, call.params.getMilliseconds());
		this.#dueMs = 0;
		call.done();
	}

	/** The watcher has let go: so do we. */
	override released(): void {
		this.stop();
	}

	stop(): void {
		this.listener.release();
		this.#count = 0;
	}

	/** Takes a sample and, when one is due and the last was answered, sends a batch. */
	tick(nowMs: number): void {
		if (!this.active) return;
		this.#record(nowMs, Quantity.ROOM, this.#room.celsius);
		this.#record(nowMs, Quantity.OUTSIDE, this.#room.outsideCelsius);
		this.#record(nowMs, Quantity.TARGET, this.#room.target);
		if (!this.#inFlight && nowMs >= this.#dueMs) {
			this.#dueMs = nowMs + this.#periodMs;
			this.#send(nowMs);
		}
	}

	returned(_call: Call): void {
		this.#inFlight = false;
	}

	/** A listener that fails gets no more; one that is only busy gets the next batch. */
	failed(_call: Call, exception: Exception): void {
		this.#inFlight = false;
		if (exception.type !== ExceptionType.OVERLOADED) this.stop();
	}

	#record(nowMs: number, quantity: number, celsius: number): void {
		if (this.#count === READINGS_MAX) {
			this.#oldest = (this.#oldest + READINGS_PER_SAMPLE) % READINGS_MAX;
			this.#count -= READINGS_PER_SAMPLE;
		}
		const at = (this.#oldest + this.#count) % READINGS_MAX;
		this.#uptimesMs[at] = nowMs;
		this.#quantities[at] = quantity;
		this.#values[at] = celsius;
		this.#count += 1;
	}

	#send(nowMs: number): void {
		const request = this.listener.startTelemetry();
		const batch = request.params.initBatch(this.#batch);
		batch.copyLabel(this.#label);
		batch.setSequence(this.#sequence);
		this.#sequence += 1;
		writeUsage(batch.initUsage(this.#usage), nowMs);
		const list = batch.initReadings(this.#count, this.#list);
		for (let i = 0; i < this.#count; i++) {
			const at = (this.#oldest + i) % READINGS_MAX;
			const reading = list.edit(i, this.#reading);
			reading.setUptimeMs(this.#uptimesMs[at] as number);
			reading.setQuantity(this.#quantities[at] as Quantity);
			reading.setCelsius(this.#values[at] as number);
		}
		batch.setRaw(this.#room.samples, 0, SAMPLES_PER_READING);
		this.#count = 0;
		this.#inFlight = true;
		request.send(this);
	}
}

/** `text` in a message that is kept: from there it is copied without making anything, while reading a string takes memory per character. */
function textIn(pools: Pools, text: string): TextReader {
	const message = pools.messages.take();
	if (message === null) throw new Error("the pool has no message for the label");
	const batch = message.initRoot(new BatchBuilder(), BatchBuilder.dataWords, BatchBuilder.pointerCount);
	batch.setLabel(text);
	return batch.asReader(new BatchReader()).readLabel(new TextReader());
}
