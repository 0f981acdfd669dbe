/** What a program asks of the machine it runs on (`vatlet/system`). */

/** One line on the console. */
export function print(text: string): void {
	return native("xs_system_print").call(undefined, text);
}
/** Ends the program. */
export function exit(status: number): never {
	return native("xs_system_exit").call(undefined, status) as never;
}
/** The boot configuration: lines `name=value`, empty if there is none. */
export function configText(): string {
	return native("xs_system_config").call(undefined);
}
/** The value of one line of the boot configuration, undefined if there is no such line. Allocates. */
export function configValue(name: string): string | undefined {
	for (const line of configText().split("\n")) {
		if (line.startsWith(name + "=")) return line.slice(name.length + 1);
	}
	return undefined;
}
/** What stands behind `--` when the program is run (`vatlet run … -- one two`); `argument.0` and so on in the boot configuration. */
export function programArguments(): string[] {
	const found: string[] = [];
	for (let next = configValue("argument.0"); next !== undefined; next = configValue(`argument.${found.length}`))
		found.push(next);
	return found;
}
/** Fills a buffer from the hardware or system source of randomness; throws if there is none. */
export function fillEntropy(into: Uint8Array | ArrayBuffer): void {
	return native("xs_system_fillEntropy").call(undefined, into);
}
/** Monotonic, from start; allocates nothing. */
export function nowMs(): number {
	return native("xs_system_nowMs").call(undefined);
}
/** Unix time, or undefined where the machine does not know it. */
export function wallMs(): number | undefined {
	return native("xs_system_wallMs").call(undefined);
}
/** Sets what `wallMs` and `Date` go by from now on, in place of what the machine knows. */
export function setWallMs(unixMs: number): void {
	return native("xs_system_setWallMs").call(undefined, unixMs);
}
/** Degrees Celsius of the chip itself, some degrees more than its surroundings have; undefined where there is no such thermometer. */
export function chipCelsius(): number | undefined {
	return native("xs_system_chipCelsius").call(undefined);
}
/** Collects garbage now. */
export function collect(): void {
	return native("xs_system_collect").call(undefined);
}
/** Instructions retired since start, 0 where unknown. */
export function instructions(): number {
	return native("xs_system_instructions").call(undefined);
}
/** One of the measures below; allocates nothing. */
export function meter(which: number): number {
	return native("xs_system_meter").call(undefined, which);
}

/** Of the engine. Slots are counted, the rest is bytes or counts since start. A collection count wraps at 65,536. */
export const SLOTS = 0;
export const CHUNK_BYTES = 1;
export const COLLECTIONS = 2;
export const MALLOCS = 3;
export const SLOTS_PEAK = 4;
export const CHUNK_BYTES_PEAK = 5;
export const SLOTS_RESERVED = 6;
export const CHUNK_BYTES_RESERVED = 7;
export const STACK_BYTES_PEAK = 8;
export const STACK_BYTES = 9;
export const MALLOCS_LIVE = 10;
export const MALLOC_BYTES = 11;
export const SLOT_BYTES = 12;
export const NAMES = 13;
/** What is left of a fixed pool, -1 if the pool grows. */
export const POOL_BYTES_FREE = 14;
/** Of the machine, in the order of HOST_METER in host.h. */
export const RAM_FREE = 32;
export const RAM_TOTAL = 33;
export const HEAP_PEAK = 34;
export const C_STACK_PEAK = 35;
export const BYTES_IN = 36;
export const BYTES_OUT = 37;
export const SLEEPS = 38;
export const IDLE_MS = 39;
/** Of the C heap, where it is our own. */
export const HEAP_USED = 40;
