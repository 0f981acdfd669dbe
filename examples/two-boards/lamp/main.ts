/** The first board: a lamp, which it hangs up in the hall whenever the hub is there. */
import { boot } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { print } from "vatlet/system";
import type { Call, Exception, Hook, Pools, ReturnHandler } from "vatlet/runtime";
import { HallClient, HallHangResultsReader, LampServer, type LampSwitchCall, PlaceClient } from "../lamp.capnp.js";

class Lamp extends LampServer {
	#times = 0;

	override switch(call: LampSwitchCall): void {
		print(call.params.getOn() ? "the lamp is on" : "the lamp is off");
		this.#times += 1;
		call.results.setTimes(this.#times);
		call.done();
	}
}

/** Holds the lamp's place. The hub forgets it with the connection, so it is asked for anew each time. */
class Fixture implements ReturnHandler {
	readonly #hall: HallClient;
	readonly #place: PlaceClient;
	readonly #results = new HallHangResultsReader();
	readonly #lamp = new Lamp();

	constructor(pools: Pools) {
		this.#hall = new HallClient(pools);
		this.#place = new PlaceClient(pools);
	}

	/** `hall` is borrowed. */
	connected(hall: Hook): void {
		this.#hall.adopt(hall);
		const request = this.#hall.startHang();
		request.params.setName("desk");
		request.params.setLamp(this.#lamp);
		request.send(this);
	}

	disconnected(): void {
		this.#place.release();
		this.#hall.release();
	}

	returned(call: Call): void {
		call.readResults(this.#results).takePlace(this.#place);
		print("the lamp hangs in the hall");
	}

	failed(_call: Call, exception: Exception): void {
		print("the lamp could not be hung: " + exception.reason);
	}
}

const hub = configValue("hub");
if (hub === undefined) throw new Error("the boot configuration names no hub: start with hub=capnp://…");

const device = boot({
	machine: createMachine(),
	hub,
	connected: (hall) => fixture.connected(hall),
	disconnected: () => fixture.disconnected(),
});
const fixture = new Fixture(device.pools);
