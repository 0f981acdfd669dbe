import { AssertionError } from "../base/assert.js";
import { Exhausted, Fault } from "../base/fault.js";
import { endThrown } from "../cap/ending.js";
import { CLOSED, Exception, exceptionFor, ExceptionType, OVERLOADED } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import type { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import { protocolFault, readException } from "./adopt.js";
import { endAnswers, receiveBootstrap, receiveCall, receiveFinish, receiveUsualCall } from "./answering.js";
import { askBootstrap, endQuestions, questionUnimplemented, receiveReturn } from "./asking.js";
import {
	embargoLifted,
	endCapabilities,
	receiveDisembargo,
	receiveRelease,
	receiveResolve,
	releaseExport,
} from "./capabilities.js";
import { CALL, Context, DESCRIPTOR, DescriptorTag, DISEMBARGO, RESOLVE, ResolveTag, Tag } from "./schema.js";
import { type ConnectionOptions, State } from "./state.js";
import { sendAbort, sendProbe, sendUnimplemented } from "./writer.js";

export type { BootstrapProvider, ConnectionOptions } from "./state.js";

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
	/** For `dumpConnection`, and nobody else outside. */
	readonly state: State;

	constructor(options: ConnectionOptions) {
		this.name = options.name ?? "peer";
		this.state = new State(options);
	}

	/** Why nothing goes any more; null while it does. */
	get ended(): Exception | null {
		return this.state.ended;
	}

	/** So much waits to be written that nothing more should be received before some of it is. */
	get cramped(): boolean {
		const { control, limits } = this.state;
		return control.free < limits.control / 4;
	}

	/** Nothing is held by either side. */
	get empty(): boolean {
		const { questions, answers, exports, imports, embargoes, loopbacks, callsServed, words } = this.state;
		return (
			questions.count +
				answers.count +
				exports.count +
				imports.count +
				embargoes.count +
				loopbacks.count +
				callsServed +
				words ===
			0
		);
	}

	/** Asks the peer for a sign of life: whatever it is, it answers. */
	probe(): void {
		sendProbe(this.state);
	}

	/** The peer's bootstrap capability, or the service named `objectId`: the caller's reference. Calls may be made at once. */
	bootstrap(objectId: Uint8Array | null = null): Hook {
		return askBootstrap(this.state, objectId);
	}

	/** Ends the conversation with an Abort that says why. */
	close(reason: Exception = CLOSED): void {
		if (this.state.ended !== null) return;
		sendAbort(this.state, reason);
		this.shut(reason);
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
		const state = this.state;
		if (state.ended !== null) {
			message.release();
			return;
		}
		state.current = message;
		state.borrows = state.control.free > 0;
		if (state.tracer !== null) state.tracer.received(message);
		if (!receiveUsualCall(state, message)) this.handle(message);
		if (state.current !== null) dropCurrent(state);
		if (state.doom !== null && state.ended === null) this.shut(state.doom);
	}

	private handle(message: Message): void {
		const state = this.state;
		const root = message.readRoot(state.views.root);
		switch (root.uint16(0)) {
			case Tag.CALL:
				receiveCall(state, root, message);
				break;
			case Tag.RETURN:
				receiveReturn(state, root, message);
				break;
			case Tag.FINISH:
				receiveFinish(state, root);
				break;
			case Tag.RELEASE:
				receiveRelease(state, root);
				break;
			case Tag.RESOLVE:
				receiveResolve(state, root);
				break;
			case Tag.DISEMBARGO:
				if (!receiveDisembargo(state, root)) echo(state, message);
				break;
			case Tag.BOOTSTRAP:
				receiveBootstrap(state, root, message);
				break;
			case Tag.UNIMPLEMENTED:
				receiveUnimplemented(state, root);
				break;
			case Tag.ABORT:
				this.shut(readException(root.structAt(0, state.views.body)));
				break;
			default:
				echo(state, message);
		}
	}

	/** Cleans up after `receive` threw `error`. Rethrows what is a bug. */
	caught(error: unknown): void {
		const state = this.state;
		const { running } = state.pools;
		while (state.pools.ending !== null) endThrown(state.pools.ending, error);
		while (running.depth > 0) running.unwind(exceptionFor(error));
		const target = state.target;
		state.target = null;
		if (target !== null) target.release();
		dropCurrent(state);
		if (error instanceof AssertionError) throw error;
		if (error instanceof Fault) this.close(new Exception(ExceptionType.FAILED, error.message));
		else if (error instanceof Exhausted) this.close(OVERLOADED);
	}

	private shut(reason: Exception): void {
		this.end(reason);
		this.state.sender.shut();
	}

	private end(reason: Exception): void {
		const state = this.state;
		if (state.ended !== null) return;
		state.ended = reason;
		endAnswers(state);
		endQuestions(state, reason);
		endCapabilities(state);
		if (this.observer !== null) this.observer.connectionEnded(this, reason);
	}
}

/** Gives back the message being handled where nobody took it. */
function dropCurrent(state: State): void {
	const message = state.current;
	state.current = null;
	if (message !== null) message.release();
}

/** The peer did not understand something. */
function receiveUnimplemented(state: State, root: StructReader): void {
	const { body: bodyView, part } = state.views;
	const inner = root.structAt(0, part);
	const tag = inner.uint16(0);
	const body = inner.structAt(0, bodyView);
	if (tag === Tag.BOOTSTRAP || tag === Tag.CALL) questionUnimplemented(state, body.uint32(CALL.QUESTION_ID));
	else if (tag === Tag.RESOLVE && body.uint16(RESOLVE.WHICH) === ResolveTag.CAP) {
		// The peer keeps calling the promise; what it resolved to is not used.
		const descriptor = body.structAt(RESOLVE.CONTENT, part);
		const which = descriptor.uint16(DESCRIPTOR.WHICH);
		if (which === DescriptorTag.SENDER_HOSTED || which === DescriptorTag.SENDER_PROMISE)
			releaseExport(state, descriptor.uint32(DESCRIPTOR.ID), 1);
	} else if (tag === Tag.DISEMBARGO && body.uint16(DISEMBARGO.CONTEXT) === Context.SENDER_LOOPBACK)
		embargoLifted(state, body.uint32(DISEMBARGO.ID));
}

function echo(state: State, message: Message): void {
	if (message.sizeWords > ECHO_WORDS_MAX) return protocolFault("unknown message of " + message.sizeWords + " words");
	// A small message can claim to be a big one: its copy is no longer than it.
	message.arena.budgetWords = ECHO_WORDS_MAX;
	sendUnimplemented(state, message);
}
