/** The second board: asks the hall for the lamp, and switches it. It never learns where the lamp is. */
import { boot } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { print } from "vatlet/system";
import type { Call, Exception, Hook, Pools, ReturnHandler } from "vatlet/runtime";
import Timer from "timer";
import { HallClient, LampClient, LampSwitchResultsReader } from "../lamp.capnp.js";

const PERIOD_MS = 500;

/** One call at a time. Everything is made once, at start-up. */
class Finger implements ReturnHandler {
	readonly #hall: HallClient;
	readonly #lamp: LampClient;
	readonly #results = new LampSwitchResultsReader();
	#on = false;
	#waiting = false;

	constructor(pools: Pools) {
		this.#hall = new HallClient(pools);
		this.#lamp = new LampClient(pools);
	}

	/** `hall` is borrowed. */
	connected(hall: Hook): void {
		this.#hall.adopt(hall);
	}

	disconnected(): void {
		this.#lamp.release();
		this.#hall.release();
	}

	press(): void {
		if (this.#waiting || this.#hall.isNull) return;
		if (this.#lamp.isNull) this.#find();
		this.#on = !this.#on;
		this.#waiting = true;
		const request = this.#lamp.startSwitch();
		request.params.setOn(this.#on);
		request.send(this);
	}

	/** The first press leaves together with the question for the lamp: it goes to the answer. */
	#find(): void {
		const request = this.#hall.startLamp();
		request.params.setName("desk");
		const { call } = request;
		request.takeLamp(call!, this.#lamp);
		request.send(null);
	}

	returned(call: Call): void {
		this.#waiting = false;
		print("switched, " + call.readResults(this.#results).getTimes() + " times so far");
	}

	/** The lamp is away, or not there yet: the next press asks for it again. */
	failed(_call: Call, exception: Exception): void {
		this.#waiting = false;
		this.#lamp.release();
		print("no light: " + exception.reason);
	}
}

const hub = configValue("hub");
if (hub === undefined) throw new Error("the boot configuration names no hub: start with hub=capnp://…");

const device = boot({
	machine: createMachine(),
	hub,
	connected: (hall) => finger.connected(hall),
	disconnected: () => finger.disconnected(),
});
const finger = new Finger(device.pools);
Timer.repeat(() => finger.press(), PERIOD_MS);
