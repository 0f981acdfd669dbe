// What an application on a device finds without an import, and its manifest as a module.

/** Text on the console, as it is: a line ends where the text says so. */
declare function trace(...text: unknown[]): void;
/** Named by the types of desktop programs, which are compiled along where a device's program imports a schema; no device makes one. */
interface AbortSignal {}
declare module "mc/config" {
	/** The manifest's `config`. */
	const config: Readonly<Record<string, any>>;
	export default config;
}
