/** Walks five folders deep over a slow line: step by step, then in one go. */
import { Vat } from "vatlet";
import { Folder, type FolderMethods, type FolderOpenParams } from "./folder.capnp.js";
import { slowLine } from "./slow-line.js";

/** Every folder has every folder, and reads as its path. */
class LocalFolder implements FolderMethods {
	readonly #path: string;

	constructor(path: string) {
		this.#path = path;
	}

	open({ name }: FolderOpenParams) {
		return { folder: new LocalFolder(`${this.#path}/${name}`) };
	}

	read() {
		return { text: this.#path };
	}
}

/** Waits for each answer before it asks the next question: six round trips. */
async function stepByStep(root: Folder): Promise<string> {
	using home = (await root.open({ name: "home" })).folder!;
	using ann = (await home.open({ name: "ann" })).folder!;
	using letters = (await ann.open({ name: "letters" })).folder!;
	using old = (await letters.open({ name: "old" })).folder!;
	using first = (await old.open({ name: "first" })).folder!;
	return (await first.read()).text;
}

/** Asks each question of the answer to the one before, while that is on its way: one round trip. */
async function inOneGo(root: Folder): Promise<string> {
	using home = root.open({ name: "home" }).folder;
	using ann = home.open({ name: "ann" }).folder;
	using letters = ann.open({ name: "letters" }).folder;
	using old = letters.open({ name: "old" }).folder;
	using first = old.open({ name: "first" }).folder;
	return (await first.read()).text;
}

export async function main(print: (line: string) => void, delayMs = 50): Promise<{ stepsMs: number; goMs: number }> {
	await using server = await Vat.listen("tcp:127.0.0.1:0", { insecure: true });
	const uri = server.publish("root", Folder, new LocalFolder(""));
	const line = await slowLine(Number(/:(\d+)/.exec(uri)![1]), delayMs);
	await using client = await Vat.open({ insecure: true });
	using root = await client.import(uri.replace(/:\d+/, `:${line.port}`), Folder).connect();

	const startMs = performance.now();
	print(`step by step: ${await stepByStep(root)}`);
	const betweenMs = performance.now();
	print(`in one go: ${await inOneGo(root)}`);
	const endMs = performance.now();
	const [stepsMs, goMs] = [betweenMs - startMs, endMs - betweenMs];
	print(`${Math.round(stepsMs)} ms and ${Math.round(goMs)} ms, on a line with a round trip of ${2 * delayMs} ms`);
	line.close();
	return { stepsMs, goMs };
}

if (process.argv[1]?.endsWith("pipelining/main.js")) await main(console.log);
