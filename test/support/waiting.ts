/** Waits of specs. Each has a limit, and says when it is reached what it waited for and what there was instead. */

/** Far more than anything takes that a spec waits for, on the slowest machine and beside others; far less than a suite may take. */
const LIMIT_MS = 30_000;
const LOOK_EACH_MS = 5;

export interface Wait {
	/** What is waited for, in words. */
	what?: string;
	/** What there is instead, for who reads that it never came: lines of a console, the state of a table. */
	saw?: () => unknown;
	limitMs?: number;
}

/** Looks every few milliseconds until `condition` holds. Rejects after `limitMs`. */
export async function until(condition: () => boolean, wait: Wait = {}): Promise<void> {
	const limitMs = wait.limitMs ?? LIMIT_MS;
	const deadlineMs = performance.now() + limitMs;
	while (!condition()) {
		if (performance.now() > deadlineMs) throw overdue(wait, String(condition), limitMs);
		await new Promise((resolve) => setTimeout(resolve, LOOK_EACH_MS));
	}
}

/** As `work`, but rejects after `limitMs`. The work goes on then: whoever began it has to end it. */
export async function within<T>(work: PromiseLike<T>, wait: Wait & { what: string }): Promise<T> {
	const limitMs = wait.limitMs ?? LIMIT_MS;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(overdue(wait, "", limitMs)), limitMs);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}

function overdue({ what, saw }: Wait, otherwise: string, limitMs: number): Error {
	const instead = saw === undefined ? "" : `; there was:\n${textOf(saw())}`;
	return new Error(`waited ${limitMs / 1000} s for ${what ?? otherwise}${instead}`);
}

function textOf(seen: unknown): string {
	if (Array.isArray(seen)) return seen.map(textOf).join("\n");
	return typeof seen === "string" ? seen : JSON.stringify(seen);
}
