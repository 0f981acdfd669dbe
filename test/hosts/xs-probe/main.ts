/** Shows the engine at work on a host; the boot configuration's `run` says what. */
import Timer from "timer";
import {
	CHUNK_BYTES,
	COLLECTIONS,
	POOL_BYTES_FREE,
	RAM_TOTAL,
	SLOTS,
	SLOT_BYTES,
	collect,
	configValue,
	instructions,
	exit,
	meter,
	print,
} from "vatlet/system";
import { Counter, table, write, written } from "./preloaded.js";

collect();
print(
	`slots ${meter(SLOTS)} of ${meter(SLOT_BYTES)} bytes, chunks ${meter(CHUNK_BYTES)}, pool free ${meter(POOL_BYTES_FREE)} of ${meter(RAM_TOTAL)}`,
);

function recurse(depth: number): number {
	return depth + recurse(depth + 1);
}

const run = configValue("run");
if (run === "language") {
	const counter = new Counter();
	counter.next("a");
	print(`counter ${counter.next("b")} ${counter.steps.size} ${table.map((n) => n * n).join(" ")}`);
	write(7);
	print(`binding ${written}`);
	print(
		`class ${new (class extends Error {
			override name = "Own";
		})("reason")}`,
	);
	print(
		`date ${new Date(0).toISOString()} ${/(\w+)-(\w+)/.exec("rom-heap")?.[2]} ${JSON.stringify({ a: [1, { b: 2n.toString() }] })}`,
	);
	const started = Date.now();
	Timer.set(() => {
		print(`timer ${Date.now() - started >= 20}`);
		void Promise.resolve(1).then((one) => {
			print(`promise ${one}`);
			exit(0);
		});
	}, 20);
} else if (run === "count") {
	let sum = 0;
	const before = instructions();
	for (let i = 0; i < 1000; i++) sum += i;
	print(`instructions ${instructions() - before} ${sum}`);
	exit(0);
} else if (run === "exception") {
	Timer.set(() => {
		(undefined as unknown as Counter).next("x");
	}, 1);
} else if (run === "memory") {
	const hoard: unknown[] = [];
	for (;;) hoard.push({ hoard });
} else if (run === "recursion") {
	print(`depth ${recurse(0)}`);
} else if (run === "collect") {
	let kept = "";
	for (let i = 0; i < 20000; i++) kept = `${i} ${kept.slice(0, 10)}`;
	print(`collected ${meter(COLLECTIONS) > 2} ${kept}`);
	exit(0);
} else {
	exit(0);
}
