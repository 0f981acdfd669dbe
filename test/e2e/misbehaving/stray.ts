/** Pointers that C gets wrong. */
export function strayRead(address: number): void {
	return native("xs_stray_read").call(undefined, address);
}
export function strayWrite(address: number): void {
	return native("xs_stray_write").call(undefined, address);
}
