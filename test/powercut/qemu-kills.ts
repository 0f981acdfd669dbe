import { runQemu } from "../../hosts/node/run/qemu.js";

const KEYS = 8;
const REMOVES_EACH = 5;
/** Within how many milliseconds a machine is killed; every fourth from its first line on, so that some kills fall into its start. */
const LIFE_MS = 150;

/**
 * A store in QEMU's flash that is written without pause, by a machine that is killed again and again. After each kill it must open, hold
 * everything that the machine had said to be durable, and nothing of it in part. The operation that was under way may have happened or not.
 */
export class KilledMachine {
	kills = 0;
	/** Operations that the machines called durable. */
	durable = 0;
	readonly #image: string;
	readonly #storePath: string;
	readonly #random: () => number;
	/** Number of the record under each key; -1: none. */
	readonly #records: number[] = new Array<number>(KEYS).fill(-1);
	#next = 1;

	constructor(image: string, storePath: string, random: () => number = Math.random) {
		this.#image = image;
		this.#storePath = storePath;
		this.#random = random;
	}

	/** Boots, lets it write for a random time, kills it. Throws when the store had lost or mangled anything. */
	async round(): Promise<void> {
		const found = new Array<number>(KEYS).fill(-1);
		const problems: string[] = [];
		const lifeMs = this.#random() * LIFE_MS;
		const early = this.kills % 4 === 3;
		const from = this.#next;
		let timer: NodeJS.Timeout | undefined;
		let checked = false;
		const machine = await runQemu({
			image: this.#image,
			storePath: this.#storePath,
			config: { run: "write", from: String(from) },
			onLine: (line) => {
				if (early || line === "writing") timer ??= setTimeout(() => machine.kill(), lifeMs);
				// The last line may have been cut off, too.
				const [word, first, , number] = line.split(" ");
				if (word === "durable") this.#did(Number(first));
				else if (/^found \d whole \d+$/.test(line)) found[Number(first)] = Number(number);
				else if (line === "writing") {
					checked = true;
					this.#compare(found, from, problems);
				} else if (/^(found \d damaged|store open -|store put -|store: |trap:)/.test(line)) problems.push(line);
			},
		});
		const giveUp = setTimeout(() => machine.kill(), 30_000);
		const status = await machine.exited;
		clearTimeout(timer);
		clearTimeout(giveUp);
		this.kills++;
		// What was under way when the power went has its number used up, whatever became of it.
		if (checked) this.#next++;
		if (status !== 137) problems.push(`the machine ended by itself, with status ${status}`);
		if (problems.length > 0) throw new Error(`kill ${this.kills}, operation ${from}: ${problems.join("; ")}`);
	}

	/** Also those before it: they come in order, and a line that QEMU dropped is no operation that was not done. */
	#did(number: number): void {
		for (; this.#next <= number; this.#next++) {
			this.#records[this.#next % KEYS] = wantedBy(this.#next);
			this.durable++;
		}
	}

	#compare(found: number[], from: number, problems: string[]): void {
		const pending = from - 1;
		for (let key = 0; key < KEYS; key++) {
			const old = this.#records[key]!;
			const wanted = pending % KEYS === key ? wantedBy(pending) : old;
			if (found[key] !== old && found[key] !== wanted)
				problems.push(
					`key ${key} holds record ${found[key]} instead of ${old === wanted ? old : `${old} or ${wanted}`}`,
				);
			this.#records[key] = found[key]!;
		}
	}
}

/** What the operation of this number leaves under its key. */
function wantedBy(number: number): number {
	return number % REMOVES_EACH === 0 ? -1 : number;
}
