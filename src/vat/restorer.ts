import type { Call } from "../cap/call.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import { toBase64Url } from "../base/base64url.js";
import type { Hashes } from "../ports/secure.js";

/** Where a restorer puts what it found: exactly one of the two, once, now or later. */
export interface RestoreAnswer {
	/** Takes the reference. */
	grant(hook: Hook): void;
	reject(exception: Exception): void;
}

/** Turns service ids into capabilities. An empty id is the vat's bootstrap service. */
export interface Restorer {
	restore(id: Uint8Array, answer: RestoreAnswer): void;
}

/** The text that other implementations answer with. */
const UNKNOWN = "Unknown persistent service ID";

export function unknownService(): Exception {
	return new Exception(ExceptionType.FAILED, UNKNOWN);
}

/** No such service, as opposed to one that is there and cannot be had. */
export function isUnknownService(exception: Exception): boolean {
	return exception.type === ExceptionType.FAILED && exception.reason === UNKNOWN;
}

/** One service, whatever id is asked for. Holds a reference. */
export class SingleRestorer implements Restorer {
	readonly #hook: Hook;

	/** Takes a reference of its own. */
	constructor(hook: Hook) {
		hook.addRef();
		this.#hook = hook;
	}

	restore(_id: Uint8Array, answer: RestoreAnswer): void {
		this.#hook.addRef();
		answer.grant(this.#hook);
	}

	/** Gives the service up. */
	close(): void {
		this.#hook.release();
	}
}

/** Services by id. Ids are looked up by their digest: how long that takes tells nothing about the ids that there are. */
export class TableRestorer implements Restorer {
	readonly #hashes: Hashes;
	readonly #services = new Map<string, Hook>();
	readonly #digest = new Uint8Array(32);

	constructor(hashes: Hashes) {
		this.#hashes = hashes;
	}

	/** Takes a reference of its own, and replaces what was there. */
	add(id: Uint8Array, hook: Hook): void {
		hook.addRef();
		const key = this.#keyOf(id);
		const old = this.#services.get(key);
		this.#services.set(key, hook);
		if (old !== undefined) old.release();
	}

	/** True if there was one. Who got it before keeps it. */
	remove(id: Uint8Array): boolean {
		const key = this.#keyOf(id);
		const hook = this.#services.get(key);
		if (hook === undefined) return false;
		this.#services.delete(key);
		hook.release();
		return true;
	}

	clear(): void {
		const hooks = [...this.#services.values()];
		this.#services.clear();
		for (const hook of hooks) hook.release();
	}

	restore(id: Uint8Array, answer: RestoreAnswer): void {
		const hook = this.#services.get(this.#keyOf(id));
		if (hook === undefined) {
			answer.reject(unknownService());
			return;
		}
		hook.addRef();
		answer.grant(hook);
	}

	#keyOf(id: Uint8Array): string {
		this.#hashes.sha256(id, 0, id.length, this.#digest, 0);
		return toBase64Url(this.#digest);
	}
}

/** Ends a Bootstrap call with what a restorer found. */
export class BootstrapAnswer implements RestoreAnswer {
	readonly #call: Call;

	constructor(call: Call) {
		this.#call = call;
	}

	grant(hook: Hook): void {
		this.#call.resultsAny().setHook(hook);
		hook.release();
		this.#call.done();
	}

	reject(exception: Exception): void {
		this.#call.fail(exception);
	}
}
