/** A bug of ours: the vat must stop, not limp on. Never thrown for what a peer sent. */
export class AssertionError extends Error {}

export function assert(condition: boolean, message: string): asserts condition {
	if (!condition) throw new AssertionError(message);
}

/** An index outside a list: the application's bug. */
export function outOfRange(index: number, length: number): never {
	throw new RangeError("index " + index + " outside a list of " + length);
}
