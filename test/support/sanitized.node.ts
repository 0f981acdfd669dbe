import { execFileSync } from "node:child_process";

/** Compiles C for this machine under AddressSanitizer and UBSan. A warning is an error here, a finding ends the program. */
export function compileSanitized(program: string, sources: readonly string[], includes: readonly string[]): void {
	const flags = [
		"-g",
		"-O1",
		"-fsanitize=address,undefined",
		"-fno-sanitize-recover=all",
		"-Wall",
		"-Wextra",
		"-Werror",
	];
	execFileSync("gcc", [...flags, ...includes.map((folder) => `-I${folder}`), ...sources, "-o", program], {
		timeout: 120_000,
	});
}
