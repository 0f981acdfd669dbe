import { AssertionError } from "../base/assert.js";
import { Exhausted, Fault } from "../base/fault.js";
import { endThrown } from "../cap/ending.js";
import { CLOSED, Exception, exceptionFor, ExceptionType, OVERLOADED } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { Pools } from "../cap/pools.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import { Adopter, protocolFault } from "./adopt.js";
import { Answering, type BootstrapProvider } from "./answering.js";
import { Asking } from "./asking.js";
import type { Budget } from "./budget.js";
import { Capabilities } from "./capabilities.js";
import { type ConnectionLimits, NODE_LIMITS } from "./limits.js";
import { CALL, Context, DESCRIPTOR, DescriptorTag, DISEMBARGO, RESOLVE, ResolveTag, Tag } from "./schema.js";
import { type MessageTracer, type Sender, State } from "./state.js";
import { Writer } from "./writer.js";

export type { BootstrapProvider } from "./answering.js";

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

/** Is told once, when nothing goes any more. */
export interface ConnectionObserver {
	connectionEnded(connection: Connection, reason: Exception): void;
}

/** Words of an unknown message that are sent back; a longer one ends the connection. */
const ECHO_WORDS_MAX = 1024;

/**
 * One conversation with a peer, level 1 of rpc.capnp. Messages come in through `receive`, go out through the sender;
 * no I/O, no clock, no waiting. What the peer breaks ends this connection alone.
 */
export class Connection {
	readonly name: string;
	observer: ConnectionObserver | null = null;
	readonly #state: State;
	readonly #writer: Writer;
	readonly #adopter: Adopter;
	readonly #capabilities: Capabilities;
	readonly #answering: Answering;
	readonly #asking: Asking;
	readonly #sender: Sender;
	readonly #tracer: MessageTracer | null;

	constructor(options: ConnectionOptions) {
		const limits = { ...NODE_LIMITS, ...options.limits };
		const sealed = options.sealed ?? false;
		this.name = options.name ?? "peer";
		this.#sender = options.sender;
		this.#tracer = options.tracer ?? null;
		const state = (this.#state = new State(options.pools, limits, options.budget ?? null, sealed));
		const writer = (this.#writer = new Writer(state, options.sender, this.#tracer, options.traces ?? false));
		const adopter = (this.#adopter = new Adopter(state));
		const capabilities = (this.#capabilities = new Capabilities(state, writer, adopter));
		const answering = (this.#answering = new Answering(
			state,
			writer,
			adopter,
			capabilities,
			options.bootstrap ?? null,
		));
		const asking = (this.#asking = new Asking(state, writer, adopter, capabilities, answering));
		state.wire({ asking, answering, capabilities }, sealed);
	}

	/** Why nothing goes any more; null while it does. */
	get ended(): Exception | null {
		return this.#state.ended;
	}

	/** So much waits to be written that nothing more should be received before some of it is. */
	get cramped(): boolean {
		const state = this.#state;
		return state.control.free < state.controlLow;
	}

	/** Nothing is held by either side. */
	get empty(): boolean {
		return this.#state.empty;
	}

	/** For `dumpConnection`, which whoever has no use for it does not carry. */
	get tables(): State {
		return this.#state;
	}

	/** Asks the peer for a sign of life: whatever it is, it answers. */
	probe(): void {
		this.#writer.probe();
	}

	/** The peer's bootstrap capability, or the service named `objectId`: the caller's reference. Calls may be made at once. */
	bootstrap(objectId: Uint8Array | null = null): Hook {
		return this.#asking.bootstrap(objectId);
	}

	/** Ends the conversation with an Abort that says why. */
	close(reason: Exception = CLOSED): void {
		if (this.#state.ended !== null) return;
		this.#writer.abort(reason);
		this.end(reason);
		this.#sender.shut();
	}

	/** The transport is gone. */
	disconnected(reason: Exception = CLOSED): void {
		this.end(reason);
	}

	/**
	 * Handles one message: takes it. Throws what the peer broke (Fault) or what a server method threw (unguarded pools):
	 * the caller catches, at any distance, and calls `caught`.
	 */
	receive(message: Message): void {
		const state = this.#state;
		if (state.ended !== null) {
			message.release();
			return;
		}
		state.current = message;
		state.borrows = state.control.free > 0;
		if (this.#tracer !== null) this.#tracer.received(message);
		if (!this.#answering.usualCall(message)) this.handle(message);
		if (state.current !== null) state.dropCurrent();
		if (state.doom !== null) this.settleDoom();
	}

	private handle(message: Message): void {
		const root = message.readRoot(this.#state.views.root);
		const at = root.at;
		switch (at.dataBytes > 0 ? at.view.getUint16(at.data, true) : 0) {
			case Tag.CALL:
				this.#answering.call(root, message);
				break;
			case Tag.RETURN:
				this.#asking.return(root, message);
				break;
			case Tag.FINISH:
				this.#answering.finish(root);
				break;
			case Tag.RELEASE:
				this.#capabilities.release(root);
				break;
			case Tag.RESOLVE:
				this.#capabilities.resolve(root);
				break;
			case Tag.DISEMBARGO:
				if (!this.#capabilities.disembargo(root)) this.echo(message);
				break;
			case Tag.BOOTSTRAP:
				this.#answering.bootstrap(root, message);
				break;
			case Tag.UNIMPLEMENTED:
				this.unimplemented(root);
				break;
			case Tag.ABORT:
				this.abort(root);
				break;
			default:
				this.echo(message);
		}
	}

	/** Cleans up after `receive` threw `error`. Rethrows what is a bug. */
	caught(error: unknown): void {
		const pools = this.#state.pools;
		while (pools.ending !== null) endThrown(pools.ending, error);
		const running = pools.running;
		while (running.depth > 0) running.unwind(exceptionFor(error));
		const target = this.#state.target;
		this.#state.target = null;
		if (target !== null) target.release();
		this.#state.dropCurrent();
		if (error instanceof AssertionError) throw error;
		if (error instanceof Fault) this.close(new Exception(ExceptionType.FAILED, error.message));
		else if (error instanceof Exhausted) this.close(OVERLOADED);
	}

	// The rest.

	/** The peer did not understand something. */
	private unimplemented(root: StructReader): void {
		const views = this.#state.views;
		const inner = root.structAt(0, views.part);
		const tag = inner.uint16(0);
		const body = inner.structAt(0, views.body);
		if (tag === Tag.BOOTSTRAP || tag === Tag.CALL) this.#asking.unimplemented(body.uint32(CALL.QUESTION_ID));
		else if (tag === Tag.RESOLVE && body.uint16(RESOLVE.WHICH) === ResolveTag.CAP) {
			// The peer keeps calling the promise; what it resolved to is not used.
			const descriptor = body.structAt(RESOLVE.CONTENT, views.part);
			const which = descriptor.uint16(DESCRIPTOR.WHICH);
			if (which === DescriptorTag.SENDER_HOSTED || which === DescriptorTag.SENDER_PROMISE)
				this.#capabilities.releaseExport(descriptor.uint32(DESCRIPTOR.ID), 1);
		} else if (tag === Tag.DISEMBARGO && body.uint16(DISEMBARGO.CONTEXT) === Context.SENDER_LOOPBACK) {
			this.#capabilities.lifted(body.uint32(DISEMBARGO.ID));
		}
	}

	private abort(root: StructReader): void {
		const exception = this.#adopter.exception(root.structAt(0, this.#state.views.part));
		this.end(exception);
		this.#sender.shut();
	}

	private echo(message: Message): void {
		if (message.sizeWords > ECHO_WORDS_MAX) return protocolFault("unknown message of " + message.sizeWords + " words");
		// A small message can claim to be a big one: its copy is no longer than it.
		message.arena.budgetWords = ECHO_WORDS_MAX;
		this.#writer.unimplemented(message);
	}

	private settleDoom(): void {
		const doom = this.#state.doom;
		if (doom === null || this.#state.ended !== null) return;
		this.end(doom);
		this.#sender.shut();
	}

	private end(reason: Exception): void {
		const state = this.#state;
		if (state.ended !== null) return;
		state.ended = reason;
		this.#answering.end();
		this.#asking.end(reason);
		this.#capabilities.end();
		if (this.observer !== null) this.observer.connectionEnded(this, reason);
	}
}
