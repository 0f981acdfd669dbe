import type { Pools } from "../cap/pools.js";
import { sameDigest } from "../net/identity.js";
import type { PeerBudgets } from "./vat.js";
import { Budget, type BudgetLimits } from "../rpc/budget.js";

/** Parts of a vat's pools, from 0 to 1, that others may hold. What is beyond is answered as overloaded. */
export interface Shares {
	/** One identity, on all its connections (default 1/2). */
	identity: number;
	/** One connection of a peer that nobody can know again (default 1/4). */
	anonymous: number;
	/** All such connections together (default 1/2). */
	anonymousTogether: number;
}

export const SHARES: Readonly<Shares> = Object.freeze({ identity: 1 / 2, anonymous: 1 / 4, anonymousTogether: 1 / 2 });

interface Departed {
	readonly digest: Uint8Array;
	readonly budget: Budget;
}

/** Budgets that are parts of a vat's pools. */
export class Budgets implements PeerBudgets {
	readonly #identity: BudgetLimits;
	readonly #anonymous: BudgetLimits;
	readonly #together: Budget;
	#departed: Departed[] = [];

	constructor(pools: Pools, shares: Partial<Shares>) {
		const { identity, anonymous, anonymousTogether } = { ...SHARES, ...shares };
		this.#identity = limitsOf(pools, identity);
		this.#anonymous = limitsOf(pools, anonymous);
		this.#together = new Budget(limitsOf(pools, anonymousTogether));
	}

	of(digest: Uint8Array | null): Budget {
		if (digest === null) return new Budget(this.#anonymous, this.#together);
		this.#departed = this.#departed.filter((one) => !one.budget.empty);
		const known = this.#departed.find((one) => sameDigest(one.digest, digest));
		return known === undefined ? new Budget(this.#identity) : known.budget;
	}

	left(digest: Uint8Array | null, budget: Budget): void {
		if (digest !== null && !budget.empty && this.#departed.every((one) => one.budget !== budget))
			this.#departed.push({ digest, budget });
	}
}

function limitsOf(pools: Pools, share: number): BudgetLimits {
	const { messages, calls, pipelined } = pools;
	const part = (all: number): number => Math.max(1, Math.floor(all * share));
	return {
		// A call may hold two messages, its params and its results. The other half is for what waits to be written.
		calls: part(Math.min(calls.max, messages.messagesMax / 4)),
		queuedMessages: part(messages.messagesMax / 2),
		words: part(messages.blocks.wordsMax),
		// A call that waits for its target holds one more.
		caps: part(pipelined.max / 2),
	};
}
