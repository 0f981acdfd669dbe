import type { Call } from "./call.js";
import type { Exception } from "./exception.js";
import { Hook, HookKind } from "./hook.js";

/** A capability whose calls all fail with the same exception. Null capabilities are broken ones too. */
export class BrokenHook extends Hook {
	constructor(exception: Exception) {
		super(HookKind.BROKEN);
		this.broken = exception;
	}

	deliver(call: Call): void {
		call.fail(this.broken!);
	}

	protected unreferenced(): void {}
}
