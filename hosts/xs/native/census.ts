/**
 * Prints what the engine's heap in RAM is made of, a line per class, dearest first:
 * `census: CLASS, objects N, slots N, chunks BYTES`; before them one line with the totals. Collects first.
 */
export function census(): void {
	return native("xs_census").call(undefined);
}
