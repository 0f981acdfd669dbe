import { boot, type BootOptions } from "vatlet/device";
import { StructReader } from "vatlet/runtime";
import type { Vat } from "vatlet";
import { Counter } from "./counter.capnp.js";

/** Never run: what a program sees of each entry point has to compile. */
export const start: (options: BootOptions) => unknown = boot;
export const reader: StructReader = new StructReader();
export async function total(vat: Vat, uri: string): Promise<bigint> {
	const counter = await vat.connect(uri, Counter);
	return (await counter.add({ amount: 1 })).total;
}
