/** What the passes over JavaScript share: a syntax tree as rollup's parser gives it, and changes of its text. */

export interface Node {
	type: string;
	start: number;
	end: number;
	[key: string]: unknown;
}

/** What stands between two places is replaced. */
export interface Edit {
	start: number;
	end: number;
	text: string;
}

export function children(node: Node): Node[] {
	const found: Node[] = [];
	for (const value of Object.values(node))
		for (const item of Array.isArray(value) ? value : [value])
			if (item && typeof item === "object" && typeof (item as Node).type === "string") found.push(item as Node);
	return found;
}

/** Takes `edits`, which must not overlap. */
export function applyEdits(code: string, edits: Edit[]): string {
	let text = "";
	let from = 0;
	for (const edit of edits.sort((a, b) => a.start - b.start)) {
		text += code.slice(from, edit.start) + edit.text;
		from = edit.end;
	}
	return text + code.slice(from);
}
