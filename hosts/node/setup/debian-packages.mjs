// @ts-check
import { spawnSync } from "node:child_process";

/** What each kind of work needs from Debian, beyond Node, git and gcc. */
export const packageGroups = {
	linux: ["build-essential", "cmake", "ninja-build", "libmbedtls-dev"],
	qemu: [
		"build-essential",
		"cmake",
		"ninja-build",
		"dpkg-dev",
		"xz-utils",
		"gcc-riscv64-unknown-elf",
		"picolibc-riscv64-unknown-elf",
		"qemu-system-misc",
	],
	schema: ["capnproto"],
	serial: ["socat"],
	peers: ["build-essential", "libcapnp-dev"],
};

/** @typedef {keyof typeof packageGroups} PackageGroup */

/**
 * The packages of `groups` that this machine lacks, sorted by name.
 * @param {readonly PackageGroup[]} groups
 */
export function missingPackages(groups) {
	const wanted = [...new Set(groups.flatMap((group) => packageGroups[group]))].sort();
	if (wanted.length === 0) return [];
	const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...wanted], {
		encoding: "utf8",
	});
	if (query.error) throw new Error(`this machine has no dpkg-query; install the equivalents of: ${wanted.join(" ")}`);
	const installed = new Set();
	for (const line of query.stdout.split("\n")) {
		const [name, status] = line.split(" ");
		if (status === "installed") installed.add(name);
	}
	return wanted.filter((name) => !installed.has(name));
}

/** @returns {string[] | null} what to put before apt-get, or null where we may not install */
function privilege() {
	if (process.getuid?.() === 0) return [];
	// Without a terminal sudo could only hang on its password question.
	const ask = process.stdin.isTTY ? [] : ["-n"];
	return spawnSync("sudo", [...ask, "-v"], { stdio: ["inherit", "inherit", "ignore"] }).status === 0
		? ["sudo", ...ask]
		: null;
}

/**
 * Installs what is missing, saying what and why; throws with the exact line to run where it cannot.
 * @param {readonly PackageGroup[]} groups
 * @param {(line: string) => void} say
 */
export function ensurePackages(groups, say) {
	if (process.env["VATLET_SKIP_PACKAGES"]) return;
	const missing = missingPackages(groups);
	if (missing.length === 0) return;
	const byHand = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(" ")}`;
	const prefix = privilege();
	if (!prefix) throw new Error(`Debian packages are missing and may not be installed from here. Run:\n\n  ${byHand}\n`);
	say(`installing Debian packages: ${missing.join(" ")}`);
	const install = () => apt(prefix, ["install", "-y", "-q", "--no-install-recommends", ...missing]);
	// The package lists may be absent or old: refresh them only when the first attempt fails.
	if (install() !== 0) {
		say("refreshing the package lists (apt-get update)");
		apt(prefix, ["update", "-q"]);
		if (install() !== 0) throw new Error(`apt-get could not install the packages. Run:\n\n  ${byHand}\n`);
	}
	const still = missingPackages(groups);
	if (still.length > 0)
		throw new Error(`still missing after apt-get install: ${still.join(" ")}. Run:\n\n  ${byHand}\n`);
}

/**
 * @param {string[]} prefix
 * @param {string[]} args
 */
function apt(prefix, args) {
	// apt's own chatter goes to stderr: the last line of stdout may be somebody's JSON.
	const line = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
	return spawnSync(/** @type {string} */ (line[0]), line.slice(1), { stdio: ["ignore", 2, 2] }).status;
}
