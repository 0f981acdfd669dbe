/** The hub: a hall where lamps hang. Run it with the options that every program with a vat has. */
import { Command } from "commander";
import { addVatOptions, chosenVat, saveCapFile, Vat } from "vatlet";
import { Hall, type HallHangParams, type HallLampParams, type HallMethods, type Lamp } from "./lamp.capnp.js";

class LocalHall implements HallMethods {
	readonly #lamps = new Map<string, Lamp>();

	/** Takes `lamp`. A board that was restarted takes its old place. */
	hang({ name, lamp }: HallHangParams) {
		if (lamp === null) throw new Error("there is no lamp to hang");
		this.#take(name, this.#lamps.get(name));
		this.#lamps.set(name, lamp);
		console.log(`${name} hangs`);
		return { place: { [Symbol.dispose]: () => this.#take(name, lamp) } };
	}

	lamp({ name }: HallLampParams) {
		const lamp = this.#lamps.get(name);
		if (lamp === undefined) throw new Error(`no lamp hangs at ${name}`);
		return { lamp };
	}

	#take(name: string, lamp: Lamp | undefined): void {
		if (lamp === undefined || this.#lamps.get(name) !== lamp) return;
		this.#lamps.delete(name);
		lamp.release();
		console.log(`${name} is gone`);
	}
}

const { listen = "tcp:127.0.0.1:0", ...options } = chosenVat(addVatOptions(new Command("hub")).parse());
const vat = await Vat.listen(listen, options);
saveCapFile("hall.cap", vat.publish("hall", Hall, new LocalHall()));
console.log("hall.cap is written: whoever can read it may hang lamps and switch them");
process.once("SIGTERM", () => void vat.close().then(() => process.exit(0)));
