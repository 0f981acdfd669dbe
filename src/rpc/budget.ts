import type { FrameAdmission } from "../message/frame-reader.js";

/** What one party may make a vat hold at the same time. */
export interface BudgetLimits {
	/** Its calls that run here, or whose results it has not finished. Further ones are answered overloaded. */
	calls: number;
	/**
	 * Words of their params and kept results, of what waits to be written to it, and of a large message that arrives from it. Further calls, ours to
	 * it too, fail as overloaded; a further large message waits.
	 */
	words: number;
	/** Messages that wait to be written to it. Beyond it the same. */
	queuedMessages: number;
	/** Capabilities in the params of its calls: each may be one of a result that is not there yet. Further calls are answered overloaded. */
	caps: number;
}

/** A message up to this is received in any case: it may be the Finish that makes room. */
const SMALL_WORDS = 1024;

/**
 * What one party holds of a vat's pools, on all its connections, those included that have ended while calls of them still run:
 * whoever comes back does not begin anew. Part of the budget of a `group` where there is one.
 */
export class Budget implements FrameAdmission {
	calls = 0;
	words = 0;
	queuedMessages = 0;
	caps = 0;
	readonly limits: BudgetLimits;
	readonly group: Budget | null;

	constructor(limits: BudgetLimits, group: Budget | null = null) {
		this.limits = limits;
		this.group = group;
	}

	get empty(): boolean {
		return this.calls === 0 && this.words === 0 && this.queuedMessages === 0 && this.caps === 0;
	}

	/** Whether one more call, with params of `words`, fits. */
	fits(words: number): boolean {
		const { limits, group } = this;
		return (
			this.calls < limits.calls &&
			this.words + words <= limits.words &&
			this.queuedMessages < limits.queuedMessages &&
			(group === null || group.fits(words))
		);
	}

	/** Whether so many capabilities more fit. */
	fitsCaps(count: number): boolean {
		return this.caps + count <= this.limits.caps && (this.group === null || this.group.fitsCaps(count));
	}

	get frameWordsMax(): number {
		return this.limits.words;
	}

	admit(words: number): boolean {
		if (words <= SMALL_WORDS) return true;
		if (!this.fitsWords(words)) return false;
		this.addQueued(0, words);
		return true;
	}

	received(words: number): void {
		if (words > SMALL_WORDS) this.addQueued(0, -words);
	}

	/** Whether so many words more fit. */
	fitsWords(words: number): boolean {
		return this.words + words <= this.limits.words && (this.group === null || this.group.fitsWords(words));
	}

	/** So much waits for the peer that nothing should be added which can be refused. */
	get congested(): boolean {
		return (
			this.queuedMessages >= this.limits.queuedMessages ||
			this.words >= this.limits.words ||
			(this.group !== null && this.group.congested)
		);
	}

	/** A call began or ended (negative), with what was charged for it. */
	addCall(calls: number, words: number, caps: number): void {
		this.calls += calls;
		this.words += words;
		this.caps += caps;
		if (this.group !== null) this.group.addCall(calls, words, caps);
	}

	/** A message of `words` waits to be written, or (negative) does no more. */
	addQueued(messages: number, words: number): void {
		this.queuedMessages += messages;
		this.words += words;
		if (this.group !== null) this.group.addQueued(messages, words);
	}
}
