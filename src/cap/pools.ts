import { copyBytes } from "../base/bytes.js";
import { Pool } from "../base/pool.js";
import { AnyBuilder } from "../layout/any-builder.js";
import { AnyReader } from "../layout/any-reader.js";
import { StructReader } from "../layout/struct-reader.js";
import type { Message } from "../message/message.js";
import { MessagePool, type MessagePoolOptions } from "../message/message-pool.js";
import { BrokenHook } from "./broken.js";
import { Call } from "./call.js";
import { CALL_ENVELOPE, envelopeBytes, RETURN_ENVELOPE } from "./envelope.js";
import { RunningMethods } from "./running-methods.js";
import { NULL_CAPABILITY } from "./exception.js";
import { Path } from "./path.js";
import { PipelinedHook } from "./pipelined.js";

export interface PoolsOptions {
	/** Messages being built, sent, or kept until their call is over. */
	messages?: MessagePoolOptions;
	/** Calls at the same time, made and served, of all connections (default 4096). */
	calls?: number;
	/** Capabilities of results that are not there yet, at the same time (default 8192). */
	pipelined?: number;
	/**
	 * Calls that wait for each other's results in a row (default 64); one more fails as overloaded. When the first one ends the others may follow
	 * on the same stack: where that is short, this is low.
	 */
	pipelineDepth?: number;
	/** A server method that throws fails its call at once. Off where try is not free: then whoever feeds messages catches, and tells `caught`. */
	guarded?: boolean;
}

/** What the capabilities of one vat are made of. Made at start-up and passed to everybody; sealed on a device. */
export class Pools {
	readonly messages: MessagePool;
	readonly calls: Pool<Call>;
	readonly pipelined: Pool<PipelinedHook>;
	readonly pipelineDepth: number;
	readonly guarded: boolean;
	readonly callEnvelope = envelopeBytes(CALL_ENVELOPE);
	readonly returnEnvelope = envelopeBytes(RETURN_ENVELOPE);
	/** What those build in for whom there is no message left; never sent. */
	readonly refused: Message;
	/** The capability that a null pointer is. */
	readonly nullHook = new BrokenHook(NULL_CAPABILITY);
	/** For following a path; free between calls into this vat. */
	readonly walk = new AnyReader();
	readonly walkStruct = new StructReader();
	readonly path = new Path();
	/** For copying params and results between connections. */
	readonly copyAt = new AnyBuilder();
	/** The innermost call that is just ending: its pipelines and its handler are being told. */
	ending: Call | null = null;
	/** The server methods that are running. */
	readonly running = new RunningMethods();

	constructor(options: PoolsOptions = {}) {
		this.messages = new MessagePool({ messages: 16384, ...options.messages });
		this.calls = new Pool(() => new Call(this), options.calls ?? 4096);
		this.pipelined = new Pool(() => new PipelinedHook(this), options.pipelined ?? 8192);
		this.pipelineDepth = options.pipelineDepth ?? 64;
		this.guarded = options.guarded ?? false;
		this.refused = this.messages.take()!;
	}

	/** From here on nothing is allocated but on paths of failure. */
	seal(): void {
		this.messages.seal();
		this.calls.seal();
		this.pipelined.seal();
	}

	/** A call to be started; one that will fail as overloaded where the pool is empty. */
	takeCall(): Call {
		return this.calls.take() ?? new Call(this, true);
	}

	/** Gives the message of a call back. */
	drop(message: Message): void {
		if (message !== this.refused) message.release();
		// It stays, but not what was put into it.
		else message.caps.clear();
	}

	/** Starts `message` with an envelope of `bytes` and aims `at` at the pointer at byte `content` of it. */
	open(message: Message, envelope: Uint8Array, bytes: number, content: number, at: AnyBuilder): void {
		const arena = message.arena;
		const segment = arena.open(bytes >> 3);
		const start = segment.startByte;
		copyBytes(envelope, 0, segment.bytes, start, bytes);
		segment.endByte = start + bytes;
		at.at.aimPointerAgain(segment, start + content, arena.shared.depthMax);
	}
}
