/** Functions that are evaluated when the image is built, of which some are constructed after all. */

type Constructor = new (reading: number) => { reading: number };

/** As before there were classes. */
export function Sample(this: { reading: number }, reading: number): void {
	this.reading = reading;
}

/** Constructed elsewhere, by another name. */
export function Empty(): void {}

function Kind(): void {}

export const kinds: readonly unknown[] = Object.freeze([Kind]);

export function sample(reading: number): number {
	return new (Sample as unknown as Constructor)(reading).reading;
}
