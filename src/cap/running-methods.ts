import type { Call } from "./call.js";
import { CallState } from "./call-roles.js";
import type { Exception } from "./exception.js";

/**
 * The server methods that are running, one inside the other. A call can end, and its object serve another call, before
 * its method returns: hence the serial numbers.
 */
export class RunningMethods {
	depth = 0;
	readonly #calls: (Call | null)[] = [];
	readonly #serials: number[] = [];

	enter(call: Call): void {
		const depth = this.depth++;
		this.#calls[depth] = call;
		this.#serials[depth] = call.serial;
	}

	leave(): void {
		this.depth--;
	}

	/** The innermost method threw: fails its call where that is still open. */
	fail(exception: Exception): void {
		const call = this.#calls[this.depth - 1]!;
		if (call.serial === this.#serials[this.depth - 1] && call.state === CallState.DELIVERED) call.fail(exception);
	}

	/** The same, and leaves the method in place of its dispatcher, which the exception has passed. */
	unwind(exception: Exception): void {
		this.fail(exception);
		this.leave();
	}
}
