/** Reads lines `IN_FLIGHT MILLISECONDS`, runs each and prints calls per second; ends with its input. */
import { createInterface } from "node:readline";

export async function answerRounds(run: (inFlight: number, ms: number) => Promise<number>): Promise<void> {
	for await (const line of createInterface(process.stdin)) {
		const [inFlight, ms] = line.split(" ").map(Number);
		console.log(await run(inFlight!, ms!));
	}
	process.exit(0);
}

/** Keeps `inFlight` calls on their way for `ms`. */
export async function measure(call: () => Promise<unknown>, inFlight: number, ms: number): Promise<number> {
	const startMs = performance.now();
	const endMs = startMs + ms;
	let calls = 0;
	const one = async (): Promise<void> => {
		while (performance.now() < endMs) {
			await call();
			calls++;
		}
	};
	await Promise.all(Array.from({ length: inFlight }, one));
	return (calls * 1000) / (performance.now() - startMs);
}
