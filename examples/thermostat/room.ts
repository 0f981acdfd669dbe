import { chipCelsius } from "vatlet/system";

/** Degrees outside; the simulated winter day of this room. */
const OUTSIDE_CELSIUS = 4;
/** How much of the difference to outside a room loses, and how much its heater gains, per second. */
const LOSS_PER_SECOND = 0.002;
const HEATER_CELSIUS_PER_SECOND = 0.08;
/** The heater goes on this far below the target and off as far above it. */
const HYSTERESIS_CELSIUS = 0.2;

/** How many of the converter's samples go into one reading. */
export const SAMPLES_PER_READING = 16;

/** A room with a heater. Where the machine has a thermometer of its own the temperature is measured; all else is simulated. */
export class Room {
	celsius = 18;
	outsideCelsius = OUTSIDE_CELSIUS;
	target = 20;
	heating = false;
	/** The converter's last samples, 0 to 255 for 0 to 51 degrees; their lowest bits are noise. */
	readonly samples = new Uint8Array(SAMPLES_PER_READING);
	#noise = 0x2545f491;

	/** Lets `milliseconds` pass. */
	advance(milliseconds: number): void {
		const seconds = milliseconds / 1000;
		if (this.celsius < this.target - HYSTERESIS_CELSIUS) this.heating = true;
		else if (this.celsius > this.target + HYSTERESIS_CELSIUS) this.heating = false;
		const measured = chipCelsius();
		if (measured === undefined) this.#simulate(seconds);
		else this.celsius = measured;
		const samples = this.samples;
		for (let i = 0; i < SAMPLES_PER_READING; i++) samples[i] = this.celsius * 5 + (this.#nextNoise() & 1);
	}

	#simulate(seconds: number): void {
		this.celsius += (OUTSIDE_CELSIUS - this.celsius) * LOSS_PER_SECOND * seconds;
		if (this.heating) this.celsius += HEATER_CELSIUS_PER_SECOND * seconds;
	}
	#nextNoise(): number {
		// Marsaglia's xorshift: sensor noise needs no better source.
		let x = this.#noise;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.#noise = x;
		return x >>> 8;
	}
}
