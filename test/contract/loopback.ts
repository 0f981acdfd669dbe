import { configValue, print } from "vatlet/system";

/** Whether this machine hears itself; one in QEMU does not. Prints what is left out where it does not. */
export function hearsItself(what: string): boolean {
	const hears = configValue("loopback") !== "0";
	if (!hears) print(`left out: ${what}, since this machine has no way to itself`);
	return hears;
}
