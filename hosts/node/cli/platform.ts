import { InvalidArgumentError, Option } from "commander";

/** Platforms that are built, and run, here. */
export type Platform = "linux" | "qemu";
/** Platforms that are built here, and run elsewhere. */
export type ChipPlatform = "unikernel/esp32c3";
/** Platforms of the Moddable SDK that it builds from the same manifest: `esp32`, `esp32/esp32c3`, … */
export type SdkPlatform = "esp32" | `esp32/${string}`;

/** Platforms are named as in the Moddable SDK; `qemu` is short for `unikernel/virt`. */
export function platformOption(): Option {
	return new Option("-p, --platform <name>", "linux or unikernel/virt (qemu for short)")
		.default("qemu")
		.argParser((name): Platform => {
			const platform = ownPlatform(name);
			if (platform !== null) return platform;
			if (isChipPlatform(name)) throw new InvalidArgumentError("a chip runs what it is flashed with; see vatlet flash");
			if (isSdkPlatform(name)) throw new InvalidArgumentError("a chip runs what mcconfig flashes; see vatlet build");
			throw new InvalidArgumentError("there are linux and unikernel/virt");
		});
}

/** The same where something is only built. */
export function buildPlatformOption(): Option {
	return new Option(
		"-p, --platform <name>",
		"linux, unikernel/virt (qemu for short), unikernel/esp32c3, or esp32[/…] through the Moddable SDK",
	)
		.default("qemu")
		.argParser((name): Platform | ChipPlatform | SdkPlatform => {
			const platform = ownPlatform(name);
			if (platform !== null) return platform;
			if (isChipPlatform(name) || isSdkPlatform(name)) return name;
			throw new InvalidArgumentError("there are linux, unikernel/virt, unikernel/esp32c3 and esp32[/…]");
		});
}

/** What `vatlet flash` writes. */
export function chipPlatformOption(): Option {
	return new Option("-p, --platform <name>", "unikernel/esp32c3")
		.default("unikernel/esp32c3")
		.argParser((name): ChipPlatform => {
			if (isChipPlatform(name)) return name;
			throw new InvalidArgumentError("only unikernel/esp32c3 is flashed from here");
		});
}

function ownPlatform(name: string): Platform | null {
	if (name === "linux") return name;
	return name === "qemu" || name === "unikernel/virt" ? "qemu" : null;
}

function isChipPlatform(name: string): name is ChipPlatform {
	return name === "unikernel/esp32c3";
}

export function isSdkPlatform(name: string): name is SdkPlatform {
	return name === "esp32" || name.startsWith("esp32/");
}
