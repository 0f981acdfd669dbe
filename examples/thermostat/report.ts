import type { HubEvent } from "./hub-event.js";

/** One line for people. */
export function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** Tells the process that started the hub, if one did, what happened. */
export function report(event: HubEvent): void {
	process.send?.(event);
}
