/** ANSI colour codes by who speaks. */
const colours: Readonly<Record<string, number>> = { hub: 36, device: 35, start: 32, build: 33, error: 31 };
const gray = 90;
const green = 32;

/**
 * One line per event: seconds since start, who, what. Everything goes to stderr when the last line of stdout is to be JSON.
 */
export class Screen {
	readonly #startedMs = performance.now();
	readonly #stream: NodeJS.WriteStream;
	readonly #coloured: boolean;

	constructor(stream: NodeJS.WriteStream) {
		this.#stream = stream;
		this.#coloured = stream.isTTY && !process.env["NO_COLOR"];
	}

	line(who: string, text: string): void {
		const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(2).padStart(7);
		const name = this.#paint(colours[who] ?? gray, who.padEnd(7));
		this.#stream.write(`${this.#paint(gray, seconds)}  ${name} ${text}\n`);
	}

	step(title: string): void {
		this.line("start", this.#paint(green, `✓ ${title}`));
	}

	#paint(colour: number, text: string): string {
		return this.#coloured ? `\x1b[${colour}m${text}\x1b[0m` : text;
	}
}
