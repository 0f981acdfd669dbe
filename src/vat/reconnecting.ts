import type { Exception } from "../cap/exception.js";
import { type Hook, HookListener } from "../cap/hook.js";
import type { CapnpUri } from "../net/address.js";
import type { Alarm, AlarmHandler, Clock } from "../ports/clock.js";
import type { Entropy } from "../ports/entropy.js";
import { Backoff } from "./backoff.js";
import type { Vat, VatCloser } from "./vat.js";

export interface ReconnectingHandler {
	/** There is a capability: borrowed, good until `disconnected`. Calls that are in flight then fail and are not made again. */
	connected(hook: Hook): void;
	/** It broke, or could not be had; the next attempt is in `retryMs`: never (Infinity) where the vat was closed. Told for each attempt that failed. */
	disconnected(reason: Exception, retryMs: number): void;
}

export interface ReconnectingOptions {
	vat: Vat;
	uri: CapnpUri;
	clock: Clock;
	entropy: Entropy;
	handler: ReconnectingHandler;
	/** First wait, doubled up to `backoffMaxMs` (defaults 250 and 30,000). */
	backoffMs?: number;
	backoffMaxMs?: number;
}

/**
 * A reference that comes back.
 *
 * Life: asking (imported, still a promise) → connected (told; back-off starts anew) → broken (told) → waiting → asking … until `stop`, or until the vat is closed.
 */
export class Reconnecting extends HookListener implements AlarmHandler, VatCloser {
	readonly #options: ReconnectingOptions;
	readonly #alarm: Alarm;
	readonly #backoff: Backoff;
	#hook: Hook | null = null;
	#connected = false;
	#stopped = true;
	#ended = false;

	constructor(options: ReconnectingOptions) {
		super();
		this.#options = options;
		this.#alarm = options.clock.createAlarm(this);
		this.#backoff = new Backoff(options.entropy, options.backoffMs, options.backoffMaxMs);
	}

	/** The capability, or null while there is none. Borrowed. */
	get hook(): Hook | null {
		return this.#connected ? this.#hook : null;
	}

	start(): void {
		if (!this.#stopped || this.#ended) return;
		this.#stopped = false;
		this.#options.vat.addCloser(this);
		this.ask();
	}

	/** Gives the reference up for good; the handler is not told any more. */
	stop(): void {
		if (this.#ended) return;
		this.#stopped = this.#ended = true;
		this.#connected = false;
		this.#options.vat.removeCloser(this);
		this.#alarm.close();
		if (this.listensTo !== null) this.listensTo.unlisten(this);
		const hook = this.#hook;
		this.#hook = null;
		if (hook !== null) hook.release();
	}

	onAlarm(_nowMs: number): void {
		if (!this.#stopped) this.ask();
	}

	vatClosed(reason: Exception): void {
		this.stop();
		this.#options.handler.disconnected(reason, Infinity);
	}

	override hookResolved(_hook: Hook): void {
		this.look();
	}

	private ask(): void {
		this.#hook = this.#options.vat.import(this.#options.uri);
		this.look();
	}

	/** What is the capability now? */
	private look(): void {
		const hook = this.#hook;
		if (this.#stopped || hook === null) return;
		const target = hook.resolved();
		if (target.broken !== null) {
			this.broke(target.broken);
			return;
		}
		target.listen(this);
		if (target.promise || this.#connected) return;
		this.#connected = true;
		this.#backoff.reset();
		this.#options.handler.connected(hook);
	}

	private broke(reason: Exception): void {
		if (this.#options.vat.closing !== null) {
			this.vatClosed(reason);
			return;
		}
		const hook = this.#hook!;
		this.#hook = null;
		this.#connected = false;
		const retryMs = this.#backoff.takeMs();
		this.#alarm.set(this.#options.clock.nowMs() + retryMs);
		this.#options.handler.disconnected(reason, retryMs);
		hook.release();
	}
}
