/** As manifest.json names it. */
declare module "checksum" {
	export function checksum(buffer: ArrayBuffer): number;
}
