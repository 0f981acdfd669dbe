import { Arena } from "../arena/arena.js";
import type { CapSlots } from "../arena/cap-slots.js";
import type { ArenaShared } from "../arena/shared.js";
import type { Place } from "../arena/place.js";
import type { Segment } from "../arena/segment.js";
import { Fault, FaultCode } from "../base/fault.js";
import type { AnyBuilder } from "../layout/any-builder.js";
import type { AnyReader } from "../layout/any-reader.js";
import { aimAny, followStruct } from "../layout/follow.js";
import type { Orphan } from "../layout/orphan.js";
import type { StructBuilder } from "../layout/struct-builder.js";
import type { StructReader } from "../layout/struct-reader.js";
import { headerBytes } from "../wire/frame.js";
import type { MessagePool } from "./message-pool.js";

/**
 * One message, being built or read. Life: free (in its pool) → empty (taken) → building (`initRoot`) or reading (received
 * words in its segments) → empty again (`reset`) or free (`release`). Everything that views aim at dies with `reset`.
 * Fields as in `Segment`.
 */
export class Message {
	declare readonly arena: Arena;
	declare private readonly pool: MessagePool | null;
	/** How many will release it; 0 while free in its pool. For the pool to set. */
	declare holders: number;

	/** Messages of a pool share its `shared`. */
	constructor(shared: ArenaShared, pool: MessagePool | null = null) {
		this.arena = new Arena(shared);
		this.pool = pool;
		this.holders = 1;
	}

	get caps(): CapSlots {
		return this.arena.caps;
	}

	/** The words of all segments, without the frame header. */
	get sizeWords(): number {
		const arena = this.arena;
		const first = arena.first;
		return arena.segmentCount === 1 && first !== null ? (first.endByte - first.startByte) / 8 : arena.sizeWords;
	}

	get segmentCount(): number {
		return this.arena.segmentCount;
	}

	segmentAt(i: number): Segment {
		return this.arena.segmentAt(i);
	}

	/** Aims at the root struct; an absent root reads as defaults. */
	readRoot<R extends StructReader>(into: R): R {
		const arena = this.arena;
		const segment = arena.first;
		if (segment === null || segment.endByte - segment.startByte < 8) {
			followStruct(this.rootPlace(), 0, into.at);
			return into;
		}
		const shared = arena.shared;
		const root = shared.root;
		root.data = segment.startByte;
		root.dataBytes = 0;
		root.view = segment.view;
		root.pointerCount = 1;
		root.depth = shared.depthMax;
		root.segment = segment;
		followStruct(root, 0, into.at);
		return into;
	}

	/** Starts the message, dropping what was in it, with a root struct of that size. */
	initRoot<B extends StructBuilder>(into: B, dataWords: number, pointerCount: number): B {
		const words = dataWords + pointerCount;
		const segment = this.arena.open(words);
		const start = segment.endByte;
		segment.endByte = start + words * 8;
		segment.view.setInt32(start - 8, words === 0 ? -4 : 0, true);
		segment.view.setInt32(start - 4, dataWords | (pointerCount << 16), true);
		const at = into.at;
		at.leave();
		at.data = start;
		at.dataBytes = dataWords * 8;
		at.view = segment.view;
		at.pointerCount = pointerCount;
		at.depth = this.arena.shared.depthMax;
		at.segment = segment;
		return into;
	}

	/** Aims at the root pointer, for reading or for building; a message without segments is started. */
	rootAny<A extends AnyReader | AnyBuilder>(into: A): A {
		aimAny(this.arena.segmentCount === 0 ? this.open(0) : this.rootPlace(), 0, into.at);
		return into;
	}

	/** A new orphan of this message. */
	orphan(into: Orphan): Orphan {
		if (this.arena.segmentCount === 0) this.open(0);
		return into.open(this.arena);
	}

	/** Drops the content, releases its capabilities, gives memory back. Costs what was written. */
	reset(): void {
		this.arena.reset();
	}

	/** One more holder, who releases it too: a sent message whose capabilities are still needed. */
	keep(): void {
		this.holders++;
	}

	/** Resets and goes back to its pool: the caller must not use it any more. Releasing twice is a bug. */
	release(): void {
		const holders = this.holders;
		if (holders === 0) throw new Error("message released twice");
		if (holders > 1) {
			this.holders = holders - 1;
			return;
		}
		this.arena.reset();
		const pool = this.pool;
		if (pool === null) return;
		this.holders = 0;
		pool.give(this);
	}

	/** Writes the frame header at `offset` and returns its length; `into` has room for 8 bytes and 4 per segment. */
	headerBytes(into: DataView, offset: number): number {
		const arena = this.arena;
		const count = arena.segmentCount;
		const length = headerBytes(count);
		into.setUint32(offset + length - 4, 0, true);
		into.setUint32(offset, count - 1, true);
		for (let i = 0; i < count; i++) into.setUint32(offset + 4 + i * 4, arena.segmentAt(i).lengthWords, true);
		return length;
	}

	/** Allocates: the whole frame, header and segments. */
	toBytes(): Uint8Array {
		if (this.arena.segmentCount === 0) this.open(0);
		const count = this.arena.segmentCount;
		const header = headerBytes(count);
		const bytes = new Uint8Array(header + this.sizeWords * 8);
		this.headerBytes(new DataView(bytes.buffer), 0);
		let offset = header;
		for (let i = 0; i < count; i++) {
			const segment = this.arena.segmentAt(i);
			bytes.set(segment.bytes.subarray(segment.startByte, segment.endByte), offset);
			offset += segment.endByte - segment.startByte;
		}
		return bytes;
	}

	private open(words: number): Place {
		this.arena.open(words);
		return this.rootPlace();
	}

	/** A place at the root pointer, lent until the next call on any message of the pool. */
	rootPlace(): Place {
		const shared = this.arena.shared;
		const segment = this.arena.first;
		if (segment === null || segment.endByte - segment.startByte < 8)
			throw new Fault(FaultCode.BOUNDS, "first segment without a root pointer", 0, 0);
		return shared.root.aimPointerAgain(segment, segment.startByte, shared.depthMax);
	}
}
