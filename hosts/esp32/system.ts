/** `vatlet/system` on an ESP32, with what the SDK gives. */
import config from "mc/config";
import Entropy from "entropy";

/** The SDK's console. */
declare function trace(text: string): void;

/** One line on the console. */
export function print(text: string): void {
	trace(text + "\n");
}
/** There is nothing to end to: the chip starts anew. */
export function exit(_status: number): never {
	return native("xs_vatlet_restart").call(undefined) as never;
}
/** The manifest's `config` in place of a boot configuration, for example `mcconfig … hub=capnp://…`. Undefined if there is none. */
export function configValue(name: string): string | undefined {
	const value = (config as Record<string, unknown>)[name];
	return value === undefined ? undefined : String(value);
}
/** Nobody runs a chip with arguments. */
export function programArguments(): string[] {
	return [];
}
/** Fills a buffer from the chip's source of randomness. */
export function fillEntropy(into: Uint8Array): void {
	Entropy.fill(into, 0, into.length);
}
/** Monotonic, from start; allocates nothing. */
export function nowMs(): number {
	return native("xs_vatlet_nowMs").call(undefined) as number;
}
/** Unix time, or undefined until the network has told it. */
export function wallMs(): number | undefined {
	const now = Date.now();
	return now > EARLIEST_MS ? now : undefined;
}
/** The SDK has no call for the chip's own thermometer. */
export function chipCelsius(): number | undefined {
	return undefined;
}
/** One of the measures below; allocates nothing. 0 where the chip does not know it. */
export function meter(which: number): number {
	return native("xs_vatlet_meter").call(undefined, which) as number;
}

/** A clock that was never set begins at 1970. */
const EARLIEST_MS = 1_700_000_000_000;

export const SLOTS = 0;
export const CHUNK_BYTES = 1;
export const COLLECTIONS = 2;
export const RAM_FREE = 32;
export const RAM_TOTAL = 33;
export const HEAP_PEAK = 34;
export const BYTES_IN = 36;
export const BYTES_OUT = 37;
