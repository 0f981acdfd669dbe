/** Runs the specs that were declared and reports: a line per failure, then the sums. */
import { configValue, exit, print } from "vatlet/system";

interface Failure {
	message: string;
	stack?: string;
}
interface SpecResult {
	id: string;
	fullName: string;
	status: string;
	failedExpectations: Failure[];
}
interface Core {
	jasmine: { getEnv(): Env; DEFAULT_TIMEOUT_INTERVAL: number };
	installGlobals(): void;
}
interface Env {
	addReporter(reporter: object): void;
	configure(options: object): void;
	execute(): Promise<unknown>;
}

/** As on Node: only what hangs runs into it. In an emulator on a busy machine, jasmine's five seconds are little. */
const SPEC_MS = 120_000;

interface FamilyCount {
	passed: number;
	failed: number;
}
const families = new Map<string, FamilyCount>();
/** Of the specs that are declared next, and of each that was, by its id. */
let current = "";
const familyOf = new Map<string, string>();

/** What the specs from here on belong to. */
export function family(name: string): void {
	current = name;
	if (!families.has(name)) families.set(name, { passed: 0, failed: 0 });
}

export function install(core: Core): void {
	core.installGlobals();
	const scope = globalThis as unknown as { it: (...parts: unknown[]) => { id: string } };
	const declare = scope.it;
	scope.it = (...parts) => {
		const spec = declare(...parts);
		familyOf.set(spec.id, current);
		return spec;
	};
	(globalThis as { xsJasmine?: Core }).xsJasmine = core;
}

export async function run(): Promise<void> {
	const { jasmine } = (globalThis as { xsJasmine?: Core }).xsJasmine!;
	jasmine.DEFAULT_TIMEOUT_INTERVAL = SPEC_MS;
	const env = jasmine.getEnv();
	let passed = 0;
	let failed = 0;
	const fail = (name: string, failures: Failure[]) => {
		failed++;
		const first = failures[0];
		print(
			`FAILED ${name}: ${first ? `${first.message.split("\n")[0]} ${place(first.stack ?? "")}` : "no expectation"}`,
		);
	};
	env.addReporter({
		// Whoever runs this hears in which one it hangs, if it does so without coming back.
		specStarted: (result: SpecResult) => print(`spec ${result.fullName}`),
		specDone(result: SpecResult) {
			const count = families.get(familyOf.get(result.id) ?? "");
			if (result.status === "passed") passed++;
			else if (result.status === "failed") fail(result.fullName, result.failedExpectations);
			if (count && result.status === "passed") count.passed++;
			if (count && result.status === "failed") count.failed++;
		},
		suiteDone(result: SpecResult) {
			if (result.failedExpectations.length > 0) fail(`${result.fullName} (suite)`, result.failedExpectations);
		},
	});
	const filter = configValue("filter");
	env.configure({
		random: false,
		specFilter: (spec: { getFullName(): string }) => filter === undefined || spec.getFullName().includes(filter),
	});
	await env.execute();
	for (const [name, count] of families)
		if (count.passed + count.failed > 0) print(`family ${name}: ${count.passed} passed, ${count.failed} failed`);
	print(`${passed} passed, ${failed} failed`);
	exit(failed === 0 && passed > 0 ? 0 : 1);
}

/** The innermost frames, those of the runner left out. */
function place(stack: string): string {
	const frames = stack
		.split("\n")
		.filter((line) => line.startsWith(" at ") && !/jasmine|Expectation|native code/.test(line));
	return frames
		.slice(0, 3)
		.map((line) => line.trim())
		.join(" ");
}
