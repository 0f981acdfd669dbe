/** A module that is evaluated when the image is built. */
export const table: readonly number[] = Object.freeze([2, 3, 5, 7]);

export class Counter {
	#count = 0;
	readonly steps = new Map<string, number>();
	next(name: string): number {
		this.steps.set(name, ++this.#count);
		return this.#count;
	}
}

export let written = 0;

export function write(value: number): void {
	written = value;
}
