/** Cuts a stream of console bytes into lines. */
import type { Readable } from "node:stream";

/** Calls `onLine` for each whole line, without its ending, and at the end for a last line that has none. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
	let rest = "";
	stream.setEncoding("utf8");
	stream.on("data", (text: string) => {
		const lines = (rest + text).split("\n");
		rest = lines.pop()!;
		for (const line of lines) onLine(line.replace(/\r$/, ""));
	});
	stream.on("end", () => {
		if (rest !== "") onLine(rest);
	});
}
