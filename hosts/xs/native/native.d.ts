/**
 * Moddable's form for host functions. The build turns `class X extends Native("xs_x_destructor")` and bodies that are
 * exactly `return native("xs_x_read").call(this, a, b)` into functions in C; neither name exists at run time.
 */
declare function Native(destructor: string): new () => object;
declare function native(name: string): { call(self: unknown, ...args: unknown[]): any };
/** Text on the console, as it is: a line ends where the text says so. */
declare function trace(...text: unknown[]): void;
/** Named by the types of desktop programs, which are compiled along where a device's program imports a schema; no device makes one. */
interface AbortSignal {}
declare module "mc/config" {
	/** The manifest's `config`. */
	const config: Readonly<Record<string, any>>;
	export default config;
}
