import { Pool } from "../base/pool.js";
import type { Call } from "../cap/call.js";
import type { CallOrigin } from "../cap/call-roles.js";
import type { Exception } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import type { PromiseHook, Router } from "../cap/promise.js";
import type { Message } from "../message/message.js";
import { MessagePool } from "../message/message-pool.js";
import { Answer } from "./answer.js";
import { routeCall } from "./asking.js";
import type { Budget } from "./budget.js";
import { CallHeader } from "./call-header.js";
import { settle } from "./capabilities.js";
import { Embargo } from "./embargo.js";
import { Export } from "./export.js";
import { ImportHook } from "./import.js";
import { type ConnectionLimits, NODE_LIMITS } from "./limits.js";
import { Loopback } from "./loopback.js";
import { Question } from "./question.js";
import { ForeignTable, OwnTable } from "./tables.js";
import { MessageBuilders, MessageViews } from "./views.js";

/** Where messages go. Nothing of it may call back into the connection from inside. */
export interface Sender {
	/** Takes the message and releases it when it is written. */
	send(message: Message): void;
	/** Words that were sent and are not written yet. */
	readonly queuedWords: number;
	/** Ends the transport once everything queued is written. */
	shut(): void;
}

/** Sees every message. Must not keep or change it. */
export interface MessageTracer {
	sent(message: Message): void;
	received(message: Message): void;
}

/** Gives out what a peer may start with. */
export interface BootstrapProvider {
	/**
	 * Ends `call`, now or later: `call.resultsAny().setHook(hook)` and `call.done()`, or `call.fail(…)`.
	 * `objectId`: the service that the peer names: bytes, which go over the wire as Text; null for the default one. May be kept.
	 */
	bootstrap(call: Call, objectId: Uint8Array | null): void;
}

export interface ConnectionOptions {
	pools: Pools;
	sender: Sender;
	/** Without it the peer finds nothing here. */
	bootstrap?: BootstrapProvider | null;
	limits?: Partial<ConnectionLimits>;
	/** What the peer may hold of the pools, over all its connections (default null: everything). The sender counts what waits in it, too. */
	budget?: Budget | null;
	/** Make all tables now and allocate nothing later. */
	sealed?: boolean;
	tracer?: MessageTracer | null;
	/** Tell the peer where exceptions happened, with what it need not know (default false). */
	traces?: boolean;
	/** For `dumpConnection`. */
	name?: string;
}

/** Words of a small message; longer ones chain a second block. */
const CONTROL_WORDS = 24;

/**
 * All that belongs to one connection: tables, budgets, and what messages are read and built with. What is done about it stands in
 * functions: asking.ts, answering.ts, capabilities.ts, adopt.ts and writer.ts. Brand of the hooks that are the peer's, and where
 * their calls go.
 */
export class State implements Router, CallOrigin {
	// In the order of use: engines without inline caches look fields up one after the other.
	readonly answers: ForeignTable<Answer>;
	readonly limits: ConnectionLimits;
	readonly pools: Pools;
	readonly sender: Sender;
	/** Why nothing works any more; null while it does. */
	ended: Exception | null = null;
	/** What the peer may hold of the vat, over all its connections; null where the vat is all its. */
	readonly budget: Budget | null;
	readonly tracer: MessageTracer | null;
	/** The message being handled, until somebody took it. */
	current: Message | null = null;
	/** Calls of the peer that hold memory here, including canceled ones. */
	callsServed = 0;
	/** Words charged for them. */
	words = 0;
	/** The target of the message being handled: a reference. */
	target: Hook | null = null;
	readonly freeAnswers: Pool<Answer>;
	readonly exports: OwnTable<Export>;
	/** Broken capabilities that were just described as promises: the Resolve of each goes out behind the message that brought it. */
	pending: Export | null = null;
	/** Why it has to end as soon as the present step is done. */
	doom: Exception | null = null;
	readonly header = new CallHeader();
	readonly questions: OwnTable<Question>;
	readonly views = new MessageViews();
	readonly builders = new MessageBuilders();
	readonly control: MessagePool;
	/** A small message was free when the last step began: where that one set off more than there are, it may take others. */
	borrows = true;
	readonly imports: ForeignTable<ImportHook>;
	readonly freeImports: Pool<ImportHook>;
	readonly embargoes: OwnTable<Embargo>;
	readonly loopbacks: OwnTable<Loopback>;
	readonly provider: BootstrapProvider | null;
	readonly traces: boolean;

	constructor(options: ConnectionOptions) {
		const limits = { ...NODE_LIMITS, ...options.limits };
		const sealed = options.sealed ?? false;
		this.limits = limits;
		this.pools = options.pools;
		this.sender = options.sender;
		this.budget = options.budget ?? null;
		this.tracer = options.tracer ?? null;
		this.traces = options.traces ?? false;
		this.provider = options.bootstrap ?? null;
		this.questions = new OwnTable(() => new Question(this), limits.questions, sealed);
		this.exports = new OwnTable(() => new Export(this), limits.exports, sealed);
		this.embargoes = new OwnTable(() => new Embargo(), limits.embargoes, sealed);
		this.loopbacks = new OwnTable(() => new Loopback(this), limits.embargoes, sealed);
		this.answers = new ForeignTable(limits.answers, sealed);
		this.imports = new ForeignTable(limits.imports, sealed);
		this.freeAnswers = new Pool(() => new Answer(this), limits.answers);
		this.freeImports = new Pool(() => new ImportHook(this), limits.imports);
		this.control = new MessagePool({
			segmentWords: CONTROL_WORDS,
			messages: limits.control,
			segments: sealed ? limits.control : 0,
			wordsMax: limits.control * CONTROL_WORDS * 2,
			limits: { segments: 4, caps: 1 },
		});
		if (!sealed) return;
		this.freeAnswers.seal();
		this.freeImports.seal();
		this.control.seal();
	}

	route(hook: PromiseHook, call: Call): void {
		routeCall(this, hook, call);
	}

	settle(hook: PromiseHook, target: Hook, detour: boolean): void {
		settle(this, hook, target, detour);
	}

	callClosed(call: Call): void {
		this.account(-1, -call.chargedWords, -call.chargedCaps);
	}

	/** Enters what calls of the peer hold, or takes it off. */
	account(calls: number, words: number, caps: number): void {
		this.callsServed += calls;
		this.words += words;
		if (this.budget !== null) this.budget.addCall(calls, words, caps);
	}
}
