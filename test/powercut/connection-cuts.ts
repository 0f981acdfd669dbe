import { readdirSync } from "node:fs";
import { type RpcError, Vat } from "vatlet";
import { Sensor } from "../../examples/thermostat/thermostat.capnp.js";
import { until, within } from "../support/waiting.js";
import { type Luck, UnluckyLine } from "./unlucky-line.js";

/** Longer than any part of a conversation takes on a busy machine, short enough to wait for it. */
const DIAL_TIMEOUT_MS = 1000;

/**
 * A hub and a client that talks to it over lines that break: mutual TLS, a bootstrap, three calls. After each break the client's reference has
 * to come back by itself, every call has to have ended one way or the other, and nothing may be left.
 */
export class ConnectionCuts {
	/** Breaks so far. */
	count = 0;
	readonly #hub: Vat;
	readonly #client: Vat;
	readonly #uri: string;
	#idle = 0;
	#held = 0;

	private constructor(hub: Vat, client: Vat) {
		this.#hub = hub;
		this.#client = client;
		this.#uri = hub.publish("sensor", Sensor, { sample: () => ({ celsius: 21 }) });
	}

	static async open(): Promise<ConnectionCuts> {
		const hub = await Vat.listen("tcp:127.0.0.1:0");
		const cuts = new ConnectionCuts(hub, await Vat.open({ dialTimeoutMs: DIAL_TIMEOUT_MS }));
		await cuts.live({});
		cuts.#idle = descriptors();
		cuts.#held = cuts.#inUse();
		return cuts;
	}

	/** One life with this luck; returns the bytes of its first connection. Throws when something hung, was lost or was left. */
	async live(luck: Luck): Promise<{ bytesOut: number; bytesIn: number }> {
		const where = JSON.stringify(luck);
		const line = await new UnluckyLine(Number(/:(\d+)\//.exec(this.#uri)![1]), luck).open();
		const live = this.#client.import(this.#uri.replace(/:\d+\//, `:${line.port}/`), Sensor).reconnecting();
		try {
			await within(this.#talk(live), { what: `a conversation after ${where}` });
		} finally {
			live.release();
			line.close();
		}
		const peers = () => [this.#hub.peerCount, this.#client.peerCount];
		await until(() => peers().every((count) => count === 0), { what: `no peers after ${where}`, saw: peers });
		if (this.#idle > 0) {
			if (this.#inUse() !== this.#held) throw new Error(`${where}: calls or messages are left`);
			if (descriptors() > this.#idle + 2)
				throw new Error(`${where}: ${descriptors()} descriptors are open, ${this.#idle} at rest`);
			this.count++;
		}
		return { bytesOut: line.bytesOut, bytesIn: line.bytesIn };
	}

	async close(): Promise<void> {
		await this.#client.close();
		await this.#hub.close();
	}

	/** Three calls in a row that all worked; a break in between begins them anew, on the caller's own account. */
	async #talk(live: { connected(): Promise<Sensor> }): Promise<void> {
		for (;;) {
			try {
				const sensor = await live.connected();
				for (let i = 0; i < 3; i++) await sensor.sample();
				return;
			} catch (error) {
				if ((error as RpcError).type !== "disconnected") throw error;
				// What broke is told to the reference, too, before it is asked again.
				await new Promise((resolve) => setTimeout(resolve, 5));
			}
		}
	}

	#inUse(): number {
		let sum = 0;
		for (const { facade } of [this.#hub, this.#client]) {
			const { calls, messages, pipelined } = facade.pools;
			sum += calls.used + messages.used + pipelined.used;
		}
		return sum;
	}
}

function descriptors(): number {
	return readdirSync("/proc/self/fd").length;
}
