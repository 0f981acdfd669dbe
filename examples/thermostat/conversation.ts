import { RpcError } from "vatlet";
import type { HubStep } from "./hub-event.js";
import { report, say } from "./report.js";
import type { Batch, ListenerMethods, Thermostat } from "./thermostat.capnp.js";

/** How long the device has for anything that it does by itself. */
const PATIENCE_MS = 10_000;
const BATCHES_OF_FIRST_WATCH = 3;
const PERIOD_MS = 100;
const LATER_PERIOD_MS = 1000;

/** What a hub does with a thermostat: everything once, checked, then telemetry until `signal` aborts. */
export async function converse(thermostat: Thermostat, label: string, signal: AbortSignal): Promise<void> {
	await readAndSet(thermostat, label, signal);
	await askSensor(thermostat, label, signal);
	await askTooMuch(thermostat, label, signal);
	await watchForAWhile(thermostat, label, signal);
	await watchOn(thermostat, label, signal);
}

function done(name: HubStep, line: string): void {
	say(line);
	report({ type: "step", name });
}

async function readAndSet(thermostat: Thermostat, label: string, signal: AbortSignal): Promise<void> {
	const before = await counted(thermostat.read({}, { signal }));
	done(
		"read",
		`${label}: ${degrees(before.celsius)}, target ${degrees(before.target)}, heating ${onOff(before.heating)}`,
	);
	const wish = before.target === 21 ? 20.5 : 21;
	await counted(thermostat.setTarget({ celsius: wish }, { signal }));
	const { target } = await counted(thermostat.read({}, { signal }));
	if (target !== wish) throw new Error(`the target is ${target} after it was set to ${wish}`);
	done("setTarget", `${label}: target set to ${degrees(target)}`);
}

/** One round trip: the second call goes to a sensor that has not come back yet. */
async function askSensor(thermostat: Thermostat, label: string, signal: AbortSignal): Promise<void> {
	const order: string[] = [];
	const answer = thermostat.sensor({ name: "outside" }, { signal });
	using promised = answer.sensor;
	const sampled = promised.sample({}, { signal });
	order.push("sample sent");
	const { sensor } = await counted(answer);
	order.push("sensor returned");
	sensor?.release();
	const { celsius } = await counted(sampled);
	if (!Number.isFinite(celsius)) throw new Error(`the sensor says ${celsius}`);
	done("pipelined", `${label}: ${degrees(celsius)} outside (${order.join(", ")})`);
}

async function askTooMuch(thermostat: Thermostat, label: string, signal: AbortSignal): Promise<void> {
	try {
		await counted(thermostat.setTarget({ celsius: 99 }, { signal }));
	} catch (error) {
		if (!(error instanceof RpcError) || error.type !== "failed") throw error;
		return done("exception", `${label} refuses 99 degrees: ${error.message}`);
	}
	throw new Error("the device took a target of 99 degrees");
}

/** Watches for some batches, lets the subscription go, and waits until the device lets the listener go in turn. */
async function watchForAWhile(thermostat: Thermostat, label: string, signal: AbortSignal): Promise<void> {
	const listener = new TelemetryListener(label);
	const { subscription } = await counted(thermostat.watch({ listener }, { signal }));
	if (subscription === null) throw new Error("the device gave no subscription");
	await counted(subscription.setPeriod({ milliseconds: PERIOD_MS }, { signal }));
	await within(listener.batches(BATCHES_OF_FIRST_WATCH), "telemetry", signal);
	report({ type: "step", name: "telemetry" });
	subscription.release();
	await within(listener.gone, "the listener's release", signal);
	done("released", `${label}: subscription released; the device let the listener go`);
}

async function watchOn(thermostat: Thermostat, label: string, signal: AbortSignal): Promise<void> {
	const { subscription } = await counted(thermostat.watch({ listener: new TelemetryListener(label) }, { signal }));
	try {
		await subscription?.setPeriod({ milliseconds: LATER_PERIOD_MS }, { signal });
		await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	} finally {
		subscription?.release();
	}
}

/** Prints batches and checks that none is lost. */
class TelemetryListener implements ListenerMethods {
	readonly gone: Promise<void>;
	readonly #label: string;
	#onGone!: () => void;
	#onBatch: (() => void) | null = null;
	#count = 0;
	#last = -1;

	constructor(label: string) {
		this.#label = label;
		this.gone = new Promise((resolve) => (this.#onGone = resolve));
	}

	async batches(count: number): Promise<void> {
		while (this.#count < count) await new Promise<void>((resolve) => (this.#onBatch = resolve));
	}

	telemetry({ batch }: { batch?: Batch }): void {
		if (!batch?.usage || batch.readings.length === 0 || batch.raw.length === 0) throw new Error("an incomplete batch");
		if (this.#last >= 0 && batch.sequence !== this.#last + 1)
			throw new Error(`batch ${batch.sequence} after ${this.#last}`);
		this.#last = batch.sequence;
		this.#count += 1;
		say(`${this.#label}: ${describe(batch)}`);
		report({ type: "called" });
		report({ type: "usage", usage: batch.usage });
		this.#onBatch?.();
	}

	/** The device holds it no more. */
	[Symbol.dispose](): void {
		this.#onGone();
	}
}

function describe(batch: Batch): string {
	const { usage, readings } = batch;
	const room = readings.filter((reading) => reading.quantity === "room").at(-1);
	const spent = usage
		? `up ${(usage.uptimeMs / 1000).toFixed(1)} s, ${usage.slots} slots, ${usage.chunkBytes} B chunks, ` +
			`${usage.collections} collections, ${usage.ramFreeBytes} B RAM free, ${usage.bytesIn} B in, ${usage.bytesOut} B out`
		: "";
	return `telemetry ${batch.sequence}: ${readings.length} readings, room ${degrees(room?.celsius ?? NaN)}; ${spent}`;
}

/** Counts a call that came back, with results or with an exception of the application. */
async function counted<T>(answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} finally {
		report({ type: "called" });
	}
}

async function within<T>(promise: Promise<T>, what: string, signal: AbortSignal): Promise<T> {
	return Promise.race([
		promise,
		new Promise<never>((_, reject) => {
			const timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
			signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
			void promise.finally(() => clearTimeout(timer));
		}),
	]);
}

function degrees(celsius: number): string {
	return `${celsius.toFixed(1)} °C`;
}

function onOff(on: boolean): string {
	return on ? "on" : "off";
}
