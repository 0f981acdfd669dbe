import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { bundleApplication, isOwn, type Bundle, type BundleOptions } from "./bundle.js";
import { runCommand, writeIfChanged } from "./command.js";
import { buildEngine, buildTools, cmakeBuild } from "./engine.js";
import { compiledFolder, downloadFolder, isClone, outputFolder, packageRoot } from "./folders.js";
import { linkImage, linuxCreation, unikernelCreation, type LinkedImage } from "./image.js";
import { readEngineSource } from "./rom-engine.js";
import type { RomHeap } from "./rom-heap.js";
import { readManifest, type Application } from "./manifest.js";
import { definesHeader } from "./defines.js";
import { plainFunctions } from "./plain-functions.js";
import { writeResources } from "./resources.js";
import { openToolchain, type Progress, type Toolchain } from "./toolchain.js";

export interface BuildOptions {
	manifest: string;
	/** `linux`, `unikernel/virt`, or `qemu` for short. */
	platform: string;
	/** Without line numbers in stacks: smaller and faster code. */
	release?: boolean;
	/** A release that has the methods, too, that none of its code names: what is measured then is all that a part has. */
	unnamed?: boolean;
	/** Where to put what is made; `outputFolder` says where it goes without. */
	out?: string;
	/** False: an image for a board makes all its objects at start, in RAM. For programs with far more memory than a chip. */
	romHeap?: boolean;
	/** For tests on Linux: engine and C under AddressSanitizer, the C under UBSan too, every buffer in a block of its own. */
	sanitize?: boolean;
	/** More CMake parameters for the application's project. */
	parameters?: Readonly<Record<string, string>>;
	onProgress?: Progress;
	/** What the manifests warn of; stderr without. */
	onWarning?: (text: string) => void;
}

export interface Built {
	application: string;
	/** Where everything of it was put. */
	folder: string;
	platform: string;
	/** The ELF file. */
	executable: string;
	/** What a board boots; the executable where that is the same. */
	image: string;
	sizes: { flashBytes: number; staticBytes: number; poolBytes: number; stackBytes: number };
	linked: LinkedImage;
	/** Part of the flash: built-in objects and preloaded modules. */
	romHeapBytes?: number;
}

/** From a manifest to a program. What has not changed since the last time is not made again. */
export async function build(options: BuildOptions): Promise<Built> {
	const platform = platformName(options.platform);
	const warn = options.onWarning ?? ((text: string) => void process.stderr.write(`warning: ${text}\n`));
	return buildFrom(readManifest(options.manifest, { platform, warn }), options);
}

/** As `build`, for an application that was put together by a program. */
export async function buildFrom(application: Application, options: Omit<BuildOptions, "manifest">): Promise<Built> {
	const root = packageRoot();
	const onProgress = options.onProgress ?? (() => {});
	const platform = platformName(options.platform);
	const out = resolve(options.out ?? outputFolder(application.manifest, platform));
	const toolchain = await openToolchain(onProgress);
	const host = await hostParameters(platform, application, onProgress);
	if (options.sanitize) host.engine["VATLET_SANITIZE"] = "ON";

	const native = readManifest(join(root, "hosts/xs/native/manifest.json"), { platform: application.platform });
	const modules = new Map([...native.modules, ...application.modules]);
	const machine = join(root, "hosts/xs/machine.ts");
	if (application.config["dns"] && modules.get("vatlet/machine") === machine)
		modules.set("vatlet/machine", join(root, "hosts/xs/dns-machine.ts"));
	const whole: Application = { ...application, modules };
	const nativeSources = [...new Set([...native.nativeSources, ...application.nativeSources])];

	onProgress("bundle", application.name);
	const bundle = await bundleCurrent(whole, toolchain, out, {
		preload: platform !== "linux" && options.romHeap !== false,
		compact: options.release
			? {
					folder: join(out, "compact"),
					asked: options.unnamed
						? null
						: (await readEngineSource(toolchain.xsFolder, [...glueSources(), ...nativeSources])).mentioned,
				}
			: undefined,
	});
	const [xslink, engine] = await Promise.all([
		buildTools(toolchain.xsFolder, onProgress),
		buildEngine(toolchain.xsFolder, platform, host.engine, onProgress),
	]);
	onProgress("link", "bytecode");
	const linked = await linkImage(whole, bundle.modules, {
		xslink,
		parseAst: toolchain.parseAst,
		folder: out,
		debug: !options.release,
		defaults: platform === "linux" ? linuxCreation : unikernelCreation,
		nativeSources,
	});
	await writeResources(application.data, out);
	await writeIfChanged(join(out, "mc.defines.h"), definesHeader(application.defines));
	const udp = bundle.modules.some(({ code }) => code.includes(`"xs_udp"`));
	await writeIfChanged(join(out, "app.cmake"), appCmake(application, nativeSources, out, udp));
	onProgress("compile", application.name);
	const folder = join(out, "cmake");
	await cmakeBuild(
		join(root, "hosts/xs"),
		folder,
		{
			...host.engine,
			...host.app,
			...options.parameters,
			XS_FOLDER: engine.xsFolder,
			XS_LIBRARY: engine.library,
			APP_CMAKE: join(out, "app.cmake"),
		},
		onProgress,
	);
	const executable = join(folder, platform === "linux" ? "app" : "app.elf");
	const sizes = await measure(executable, host.size);
	const built = { application: application.name, folder: out, platform, executable, linked };
	if (platform === "linux") return { ...built, image: executable, sizes };
	if (options.romHeap === false) return { ...built, image: join(folder, "app.img"), sizes };
	onProgress("ROM heap", application.name);
	const heap =
		platform === "unikernel/virt"
			? await writeRomHeap(out, folder, linked, {
					xs: engine.xsFolder,
					nativeSources,
					plain: options.release ? plainFunctions(bundle.modules, toolchain.parseAst) : null,
				})
			: await borrowRomHeap(
					application,
					options.out === undefined ? options : { ...options, out: join(out, "virt") },
					out,
					folder,
				);
	await runCommand("ninja", ["-C", folder, "-j2", "device"]);
	const device = join(folder, "device.elf");
	const deviceSizes = await measure(device, host.size);
	let image = join(folder, "device.img");
	if (platform === "unikernel/esp32c3") {
		const { poolBytesOf, writeEspImage } = await import("./esp32c3.js");
		image = await writeEspImage(folder, image);
		deviceSizes.flashBytes = statSync(image).size;
		deviceSizes.poolBytes = await poolBytesOf(device);
	}
	return { ...built, executable: device, image, sizes: deviceSizes, romHeapBytes: heap.bytes };
}

/** A heap is captured by running the program, and QEMU has the virt board only: the same application is built for that, and its heap taken. */
async function borrowRomHeap(
	application: Application,
	options: Omit<BuildOptions, "manifest">,
	out: string,
	folder: string,
): Promise<{ bytes: number }> {
	const lent = await buildFrom(application, { ...options, platform: "unikernel/virt" });
	const linked = await Promise.all([out, lent.folder].map((path) => readFile(join(path, "linked.c"), "utf8")));
	if (linked[0] !== linked[1])
		throw new Error(`${application.manifest}: its modules differ between boards, so that they cannot share a ROM heap`);
	for (const name of ["rom-heap.S", "defaults.c"])
		await writeIfChanged(join(folder, name), await readFile(join(lent.folder, "cmake", name), "utf8"));
	return { bytes: lent.romHeapBytes! };
}

/** The sources of the program that starts from a heap in flash. */
async function writeRomHeap(
	out: string,
	folder: string,
	linked: LinkedImage,
	{ xs, nativeSources, plain }: { xs: string; nativeSources: readonly string[]; plain: ReadonlySet<string> | null },
): Promise<RomHeap> {
	const { captureRomHeap } = await import("./rom-heap.js");
	const { parseUsed, stripDefaults } = await import("./rom-strip.js");
	const used = parseUsed(await readFile(join(out, "used.txt"), "utf8"), linked.engineNames);
	const engine = await readEngineSource(xs, [...glueSources(), ...nativeSources]);
	const defaults = await readFile(join(xs, "sources/xsDefaults.c"), "utf8");
	await writeIfChanged(join(folder, "defaults.c"), plain ? stripDefaults(defaults, used, true) : defaults);
	const options = plain ? { bareFunctions: { plain }, strip: { used, engine } } : {};
	return captureRomHeap(join(folder, "app.img"), join(folder, "app.elf"), join(folder, "rom-heap.S"), options);
}

/** The C between the engine and the hosts, and its headers. */
function glueSources(): string[] {
	const glue = join(packageRoot(), "hosts/xs/native");
	return readdirSync(glue).map((file) => join(glue, file));
}

function platformName(name: string): string {
	const full = name === "qemu" ? "unikernel/virt" : name;
	if (full !== "linux" && !full.startsWith("unikernel/"))
		throw new Error(`there is no platform "${name}" here: linux, qemu or unikernel/BOARD`);
	return full;
}

interface HostParameters {
	/** Given to every CMake project of the platform. */
	engine: Record<string, string>;
	app: Record<string, string>;
	size: string;
}

async function hostParameters(
	platform: string,
	application: Application,
	onProgress: Progress,
): Promise<HostParameters> {
	const root = packageRoot();
	const app: Record<string, string> = {};
	const sources = new Set(application.debianSources);
	if (platform === "unikernel/virt") sources.add("lwip");
	if (sources.size > 0) {
		const { debianSource } = await import("./debian-source.js");
		for (const name of sources) {
			const { folder } = await debianSource(name, {
				folder: join(downloadFolder(), "third-party"),
				onProgress: (text) => onProgress("source", text),
			});
			app[`VATLET_${name.toUpperCase()}`] = folder;
		}
	}
	if (platform === "linux") {
		app["VATLET_HOST_CMAKE"] = join(root, "hosts/linux/linux.cmake");
		return { engine: { CMAKE_BUILD_TYPE: "Release" }, app, size: "size" };
	}
	const board = platform.slice("unikernel/".length);
	const toolchain = join(root, "hosts/unikernel/boards", board, "toolchain.cmake");
	if (!existsSync(toolchain)) throw new Error(`there is no board "${board}" in hosts/unikernel/boards`);
	app["VATLET_HOST_CMAKE"] = join(root, "hosts/unikernel/unikernel.cmake");
	app["VATLET_BOARD"] = board;
	return {
		engine: { CMAKE_TOOLCHAIN_FILE: toolchain, CMAKE_BUILD_TYPE: "MinSizeRel" },
		app,
		size: "riscv64-unknown-elf-size",
	};
}

type BundleForm = Pick<BundleOptions, "preload" | "compact">;

/** The bundle of compiled sources that are not older than their TypeScript. */
async function bundleCurrent(
	application: Application,
	toolchain: Toolchain,
	out: string,
	form: BundleForm,
): Promise<Bundle> {
	const foreign = join(out, "js");
	const options: BundleOptions = { toolchain, foreign, ...form };
	await compileForeign(application, toolchain, out, foreign);
	if (!isClone()) return bundleApplication(application, options);
	const list = join(out, "files.json");
	const last = await readFile(list, "utf8").then(
		(text) => JSON.parse(text) as string[],
		() => [],
	);
	if (last.some(isStale)) await compileOwn(toolchain, last);
	let bundle = await bundleApplication(application, options).catch(async (error: unknown) => {
		if (!/is not compiled|[Cc]ould not (be )?resolved?/.test(String(error))) throw error;
		await compileOwn(toolchain, []);
		return bundleApplication(application, options);
	});
	if (bundle.files.some(isStale)) {
		await compileOwn(toolchain, bundle.files);
		bundle = await bundleApplication(application, options);
	}
	await writeIfChanged(list, JSON.stringify(bundle.files));
	return bundle;
}

/** All of a clone's own TypeScript, as the setup does: only what changed. What is written is never older than its source then. */
async function compileOwn(toolchain: Toolchain, files: readonly string[]): Promise<void> {
	const information = join(compiledFolder(), "typescript.tsbuildinfo");
	await compileTypeScript(
		toolchain,
		join(packageRoot(), "tsconfig.json"),
		"--incremental",
		"--tsBuildInfoFile",
		information,
	);
	const now = new Date();
	for (const file of files) if (isStale(file)) utimesSync(file, now, now);
}

function isStale(file: string): boolean {
	const inside = relative(compiledFolder(), file);
	if (inside.startsWith("..")) return false;
	const source = join(packageRoot(), inside.replace(/\.js$/, ".ts"));
	return existsSync(source) && statSync(source).mtimeMs > statSync(file).mtimeMs;
}

/** Compiles the modules that are not Vatlet's own, against the types of those that are. */
async function compileForeign(
	application: Application,
	toolchain: Toolchain,
	out: string,
	compiled: string,
): Promise<void> {
	const files = [...application.modules.values()].filter((path) => path.endsWith(".ts") && !isOwn(path));
	if (files.length === 0) return;
	const root = packageRoot();
	const config = join(out, "tsconfig.json");
	const settings = {
		compilerOptions: {
			target: "es2022",
			module: "esnext",
			moduleResolution: "bundler",
			lib: ["es2023", "esnext.disposable"],
			types: [],
			strict: true,
			skipLibCheck: true,
			resolveJsonModule: true,
			verbatimModuleSyntax: true,
			rootDir: "/",
			outDir: compiled,
			incremental: true,
			tsBuildInfoFile: join(out, "tsbuildinfo.json"),
			noEmitOnError: true,
			paths: modulePaths(application),
		},
		files: [
			...files,
			...application.declarations,
			join(root, "hosts/xs/application.d.ts"),
			join(root, "hosts/xs/native/native.d.ts"),
		],
	};
	await writeIfChanged(config, JSON.stringify(settings, null, "\t"));
	await compileTypeScript(toolchain, config);
}

/** Where TypeScript finds the modules that an application imports by the names of its manifests. */
function modulePaths(application: Application): Record<string, string[]> {
	const root = packageRoot();
	const types = (source: string): string =>
		isClone() || !isOwn(source) ? source : join(root, "dist/types", relative(root, source).replace(/\.ts$/, ".d.ts"));
	const paths: Record<string, string[]> = {};
	for (const name of ["runtime", "device"]) paths[`vatlet/${name}`] = [types(join(root, `src/${name}.ts`))];
	for (const [name, source] of application.modules) if (/\.(ts|json)$/.test(source)) paths[name] = [types(source)];
	return paths;
}

async function compileTypeScript(toolchain: Toolchain, config: string, ...more: string[]): Promise<void> {
	try {
		await runCommand(process.execPath, [toolchain.tsc, "-p", config, ...more]);
	} catch (error) {
		const [, ...lines] = (error as Error).message.split("\n");
		throw new Error(`the TypeScript sources do not compile:\n${lines.join("\n")}`);
	}
}

function appCmake(application: Application, nativeSources: readonly string[], out: string, udp: boolean): string {
	const quoted = (items: Iterable<string>) => Array.from(items, (item) => `\n\t"${item}"`).join("");
	const folders = new Set([...application.includeFolders, ...nativeSources.map((path) => dirname(path))]);
	const made = ["linked.c", "creation.c", "resources.c", "resources.S"].map((name) => join(out, name));
	return `# Made from ${application.manifest}.
set(APP_SOURCES${quoted([...made, ...nativeSources])})
set(APP_INCLUDES${quoted([out, ...folders])})
set(APP_LIBRARIES${quoted(application.libraries)})
set(APP_FILES${quoted(application.cmakeFiles)})
set(APP_UDP ${udp ? "ON" : "OFF"})
set(APP_DHCP ${application.config["dhcp"] === true ? "ON" : "OFF"})
set_source_files_properties("${join(out, "resources.S")}" PROPERTIES OBJECT_DEPENDS "${[...application.data.values()].join(";")}")
`;
}

/** Sections of the ELF file by what they cost: what is stored, and what memory they claim at start. */
async function measure(executable: string, size: string): Promise<Built["sizes"]> {
	const sizes = { flashBytes: 0, staticBytes: 0, poolBytes: 0, stackBytes: 0 };
	for (const line of (await runCommand(size, ["-A", executable])).split("\n")) {
		const [name, bytes, address] = line.trim().split(/\s+/);
		const count = Number(bytes);
		if (!name?.startsWith(".") || !count || Number(address) === 0) continue;
		if (name === ".stack") sizes.stackBytes += count;
		else if (name === ".pool") sizes.poolBytes += count;
		else if (/^\.(bss|sbss|tbss|noinit)/.test(name)) sizes.staticBytes += count;
		else {
			sizes.flashBytes += count;
			if (/^\.(data|sdata|tdata|ram)/.test(name)) sizes.staticBytes += count;
		}
	}
	return sizes;
}
