import { InvalidArgumentError, Option } from "commander";

export type Platform = "linux" | "qemu";

/** Platforms are named as in the Moddable SDK; `qemu` is short for `unikernel/virt`. */
export function platformOption(): Option {
	return new Option("-p, --platform <name>", "linux or unikernel/virt (qemu for short)")
		.default("qemu")
		.argParser((name): Platform => {
			if (name === "linux") return name;
			if (name === "qemu" || name === "unikernel/virt") return "qemu";
			if (name.startsWith("esp32"))
				throw new InvalidArgumentError("use mcconfig of the Moddable SDK with the same manifest");
			throw new InvalidArgumentError("there are linux and unikernel/virt");
		});
}
