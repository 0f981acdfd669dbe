import { Pool } from "../base/pool.js";
import { BrokenHook } from "../cap/broken.js";
import type { Exception } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import type { Router } from "../cap/promise.js";
import type { Message } from "../message/message.js";
import { MessagePool } from "../message/message-pool.js";
import { Answer, type AnswerOwner } from "./answer.js";
import type { Budget } from "./budget.js";
import { Embargo } from "./embargo.js";
import { Export, type ExportOwner } from "./export.js";
import { ImportHook, type ImportOwner } from "./import.js";
import type { ConnectionLimits } from "./limits.js";
import { Loopback, type LoopbackOwner } from "./loopback.js";
import { Question, type QuestionOwner } from "./question.js";
import { ForeignTable, OwnTable } from "./tables.js";
import { MessageViews } from "./views.js";

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

/** What the entries tell when something is to be done about them. */
export interface EntryOwners {
	/** Calls on the peer's capabilities go here; also their brand. */
	readonly asking: QuestionOwner & Router;
	readonly answering: AnswerOwner;
	readonly capabilities: ImportOwner & ExportOwner & LoopbackOwner;
}

/** Words of a small message; longer ones chain a second block. */
const CONTROL_WORDS = 24;

/** The tables and budgets of one connection. Sends nothing itself. */
export class State {
	readonly questions: OwnTable<Question>;
	readonly answers: ForeignTable<Answer>;
	readonly exports: OwnTable<Export>;
	readonly imports: ForeignTable<ImportHook>;
	readonly embargoes: OwnTable<Embargo>;
	readonly loopbacks: OwnTable<Loopback>;
	readonly freeAnswers: Pool<Answer>;
	readonly freeImports: Pool<ImportHook>;
	readonly control: MessagePool;
	/** Whoever reads for us should stop while fewer small messages than that are free. */
	readonly controlLow: number;
	/** A small message was free when the last step began: where that one set off more than there are, it may take others. */
	borrows = true;
	readonly limits: ConnectionLimits;
	/** What the peer may hold of the vat, over all its connections; null where the vat is all its. */
	readonly budget: Budget | null;
	readonly pools: Pools;
	readonly views = new MessageViews();
	/** Brand of the hooks that are the peer's, and where their calls go. */
	brand: Router & object = undefined as unknown as Router;
	#owners: EntryOwners = undefined as unknown as EntryOwners;
	/** The message being handled, until somebody took it. */
	current: Message | null = null;
	/** The target of the message being handled: a reference. */
	target: Hook | null = null;
	/** Calls of the peer that hold memory here, including canceled ones. */
	callsServed = 0;
	/** Words charged for them. */
	words = 0;
	/** Why nothing works any more; null while it does. */
	ended: Exception | null = null;
	/** Why it has to end as soon as the present step is done. */
	doom: Exception | null = null;

	constructor(pools: Pools, limits: ConnectionLimits, budget: Budget | null, sealed: boolean) {
		this.pools = pools;
		this.budget = budget;
		this.limits = limits;
		this.questions = new OwnTable(() => new Question(this.#owners.asking), limits.questions);
		this.exports = new OwnTable(() => new Export(this.#owners.capabilities), limits.exports);
		this.embargoes = new OwnTable(() => new Embargo(), limits.embargoes);
		this.loopbacks = new OwnTable(() => new Loopback(this.#owners.capabilities), limits.embargoes);
		this.answers = new ForeignTable(limits.answers, sealed);
		this.imports = new ForeignTable(limits.imports, sealed);
		this.freeAnswers = new Pool(() => new Answer(this.#owners.answering), limits.answers);
		this.freeImports = new Pool(() => new ImportHook(this.#owners.capabilities), limits.imports);
		this.controlLow = Math.ceil(limits.control / 4);
		this.control = new MessagePool({
			segmentWords: CONTROL_WORDS,
			messages: limits.control,
			segments: sealed ? limits.control : 0,
			wordsMax: limits.control * CONTROL_WORDS * 2,
			limits: { segments: 4, caps: 1 },
		});
	}

	/** Once, before anything else. `sealed`: make all entries now. */
	wire(owners: EntryOwners, sealed: boolean): void {
		this.#owners = owners;
		this.brand = owners.asking;
		if (!sealed) return;
		this.questions.fill();
		this.exports.fill();
		this.embargoes.fill();
		this.loopbacks.fill();
		this.freeAnswers.seal();
		this.freeImports.seal();
		this.control.seal();
	}

	/** Gives back the message being handled where nobody took it. */
	dropCurrent(): void {
		const message = this.current;
		this.current = null;
		if (message !== null) message.release();
	}

	/** The entry under which the peer knows `hook`, or null. */
	exportOf(hook: Hook): Export | null {
		let entry = hook.exported as Export | null;
		while (entry !== null && this.exports.at(entry.id) !== entry) entry = entry.nextOfHook;
		return entry;
	}

	/** Enters a hook with one descriptor; takes a reference. Null where the table is full. */
	addExport(hook: Hook): Export | null {
		const entry = this.exports.take();
		if (entry === null) return null;
		entry.refs = 1;
		entry.promise = hook.promise;
		link(entry, hook);
		return entry;
	}

	/** The entry stands for `hook` from here on (takes a reference of its own), and lets go of what it stood for. */
	replaceExported(entry: Export, hook: Hook): void {
		const old = unlink(entry);
		link(entry, hook);
		old.release();
	}

	/** Removes an entry; its reference becomes the caller's, who releases it when nothing else is left to do. */
	removeExport(entry: Export): Hook {
		if (entry.listensTo !== null) entry.listensTo.unlisten(entry);
		const hook = unlink(entry);
		entry.refs = 0;
		this.exports.give(entry);
		return hook;
	}

	/** A hook that breaks every call because the connection ended. */
	endedHook(): Hook {
		return new BrokenHook(this.ended!);
	}

	get empty(): boolean {
		return (
			this.questions.count === 0 &&
			this.answers.count === 0 &&
			this.exports.count === 0 &&
			this.imports.count === 0 &&
			this.embargoes.count === 0 &&
			this.loopbacks.count === 0 &&
			this.callsServed === 0 &&
			this.words === 0
		);
	}
}

function link(entry: Export, hook: Hook): void {
	hook.addRef();
	entry.hook = hook;
	entry.nextOfHook = hook.exported as Export | null;
	hook.exported = entry;
}

/** The entry's reference to the hook becomes the caller's. */
function unlink(entry: Export): Hook {
	const hook = entry.hook!;
	let at = hook.exported as Export | null;
	if (at === entry) hook.exported = entry.nextOfHook;
	else {
		while (at!.nextOfHook !== entry) at = at!.nextOfHook;
		at!.nextOfHook = entry.nextOfHook;
	}
	entry.nextOfHook = null;
	entry.hook = null;
	return hook;
}
