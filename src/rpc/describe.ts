import type { Hook } from "../cap/hook.js";
import type { Connection } from "./connection.js";
import type { ImportHook } from "./import.js";
import type { State } from "./state.js";

const KINDS = Object.freeze(["local", "broken", "promise", "import", "pipelined"]);

function describeHook(hook: Hook, state: State): string {
	const target = hook.resolved();
	const kind = target.brand === state && target.kind === 3 ? "import " + (target as ImportHook).id : KINDS[target.kind];
	return (target.broken === null ? kind! : "broken (" + target.broken.reason + ")") + ", held by " + target.refs;
}

/** For tests and tools: what there is at the moment, one table entry a line. Allocates. */
export function dumpConnection(connection: Connection): string {
	const state = connection.state;
	const lines = [connection.name + (state.ended === null ? "" : ": ended, " + state.ended.reason)];
	for (let i = 0; i < state.questions.span; i++) {
		const question = state.questions.at(i);
		if (question !== null)
			lines.push(
				"question " +
					i +
					(question.call === null ? " canceled" : question.returned ? " returned" : " asked") +
					(question.tail ? ", tail" : "") +
					(question.call === null ? "" : ", held by " + question.call.refs),
			);
	}
	for (let i = 0; i < state.answers.span; i++) {
		const answer = state.answers.slot(i);
		if (answer !== null)
			lines.push(
				"answer " +
					answer.id +
					(answer.answered ? " returned" : " running") +
					(answer.elsewhere ? ", elsewhere" : "") +
					(answer.resultExportCount > 0 ? ", " + answer.resultExportCount + " exports" : ""),
			);
	}
	for (let i = 0; i < state.exports.span; i++) {
		const entry = state.exports.at(i);
		if (entry !== null) lines.push("export " + i + " × " + entry.refs + ": " + describeHook(entry.hook!, state));
	}
	for (let i = 0; i < state.imports.span; i++) {
		const hook = state.imports.slot(i);
		if (hook !== null)
			lines.push(
				"import " +
					hook.id +
					" × " +
					hook.wireRefs +
					(hook.promise ? ", promise" : "") +
					// Until it is resolved, it is what it leads to.
					(hook.resolved() === hook ? ", held by " + hook.refs : ": " + describeHook(hook, state)),
			);
	}
	for (let i = 0; i < state.embargoes.span; i++) {
		const embargo = state.embargoes.at(i);
		if (embargo !== null) lines.push("embargo " + i + ": " + describeHook(embargo.target!, state));
	}
	lines.push("calls served " + state.callsServed + ", words " + state.words);
	return lines.join("\n");
}
