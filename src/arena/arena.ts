import { clearBytes } from "../base/bytes.js";
import { Exhausted, Fault, FaultCode } from "../base/fault.js";
import { CapSlots } from "./cap-slots.js";
import type { Block } from "./block.js";
import type { ArenaShared } from "./shared.js";
import { Segment } from "./segment.js";

/** A builder may be read by its owner as often as it likes; the number only has to stay a small integer. */
const UNLIMITED_WORDS = 0x3fffffff;

/** The segments, capabilities and read budget of one message. Owns its blocks until `reset`. Fields as in `Segment`. */
export class Arena {
	/** Words that may still be traversed. */
	declare budgetWords: number;
	declare readonly shared: ArenaShared;
	declare readonly caps: CapSlots;
	declare segmentCount: number;
	/** Segment 0, where the root pointer is; null in an empty message. */
	declare first: Segment | null;
	/** The first one stays; those behind it are lent by `shared`, and another's from `segmentCount` on. */
	declare private readonly segmentList: Segment[];

	constructor(shared: ArenaShared) {
		this.budgetWords = 0;
		this.shared = shared;
		this.caps = new CapSlots(shared.capsMax);
		this.segmentCount = 0;
		this.first = null;
		this.segmentList = [];
	}

	/** Levels of pointers below the root. */
	get depthMax(): number {
		return this.shared.depthMax;
	}

	/** Segment ids come from far pointers, so a wrong one is the peer's fault. */
	segmentAt(id: number): Segment {
		if (id >= this.segmentCount)
			throw new Fault(FaultCode.FAR, "far pointer to segment " + id + " of " + this.segmentCount);
		return this.segmentList[id]!;
	}

	get sizeWords(): number {
		let words = 0;
		for (let i = 0; i < this.segmentCount; i++) words += this.segmentList[i]!.lengthWords;
		return words;
	}

	/** Releases the capabilities and gives all blocks back. */
	reset(): void {
		if (this.caps.length > 0) this.caps.clear();
		const blocks = this.shared.blocks;
		if (this.segmentCount === 1) {
			// Most messages.
			const segment = this.segmentList[0]!;
			const block = segment.block;
			this.segmentCount = 0;
			this.first = null;
			if (block === null) return;
			segment.block = null;
			if (segment.endByte > block.dirtyBytes) block.dirtyBytes = segment.endByte;
			blocks!.give(block);
			return;
		}
		let last: Block | null = null;
		for (let i = this.segmentCount - 1; i >= 0; i--) {
			const segment = this.segmentList[i]!;
			const block = segment.block;
			segment.block = null;
			if (i > 0) this.shared.giveSpare(segment);
			if (block === null) continue;
			if (segment.endByte > block.dirtyBytes) block.dirtyBytes = segment.endByte;
			// Segments of one received frame can share a block; neighbours do, so giving it at the first of them is once.
			if (last !== null && last !== block) blocks!.give(last);
			last = block;
		}
		if (last !== null) blocks!.give(last);
		this.segmentCount = 0;
		this.first = null;
		this.budgetWords = 0;
	}

	/** Starts building, dropping what was there: one zeroed segment with a root pointer and room for `words` behind it. */
	open(words: number): Segment {
		if (this.segmentCount === 1) {
			const segment = this.segmentList[0]!;
			const block = segment.block;
			if (
				block !== null &&
				block.dirtyBytes === 0 &&
				segment.limitByte > words * 8 &&
				segment.limitByte === block.words * 8
			) {
				// The usual case: the same message again, in the same memory.
				if (this.caps.length > 0) this.caps.clear();
				clearBytes(segment.bytes, segment.endByte);
				segment.endByte = 8;
				segment.emptyByte = 0;
				this.budgetWords = UNLIMITED_WORDS;
				return segment;
			}
		}
		if (this.segmentCount > 0) this.reset();
		this.budgetWords = UNLIMITED_WORDS;
		const first = this.chain(words + 1);
		first.endByte = 8;
		return first;
	}

	/** Starts reading what was put into the segments. */
	openForReading(): void {
		this.budgetWords = this.shared.traversalWords;
	}

	/** Reserves `words` in the last segment or, when it is full, in a new one; `shared.allocated` says where. Returns the byte offset. */
	allocate(words: number): number {
		let segment = this.segmentList[this.segmentCount - 1]!;
		if (segment.limitByte - segment.endByte < words * 8) segment = this.chain(words);
		const offset = segment.endByte;
		segment.endByte = offset + words * 8;
		this.shared.allocated = segment;
		return offset;
	}

	/** Adds an empty segment with room for at least `words`. */
	chain(words: number): Segment {
		const blocks = this.shared.blocks;
		if (this.segmentCount >= this.shared.segmentsMax)
			throw new Exhausted("more than " + this.shared.segmentsMax + " segments in one message");
		const block = blocks === null ? null : blocks.take(words);
		if (block === null) throw new Exhausted("no block of " + words + " words left for a message");
		block.wipe();
		const segment = this.next(block.bytes, block.view);
		segment.block = block;
		segment.startByte = segment.endByte = segment.emptyByte = 0;
		segment.limitByte = block.words * 8;
		return segment;
	}

	/**
	 * Adds a segment of `words` to be filled with received bytes; it shares the last block where there is room.
	 * Null where no block is left.
	 */
	reserve(words: number): Segment | null {
		const last = this.segmentCount > 0 ? this.segmentList[this.segmentCount - 1]! : null;
		let block = last !== null ? last.block : null;
		let start = last !== null ? last.endByte : 0;
		if (block === null || block.words * 8 - start < words * 8) {
			block = this.shared.blocks === null ? null : this.shared.blocks.take(words);
			start = 0;
			if (block === null) return null;
		}
		const segment = this.next(block.bytes, block.view);
		segment.block = block;
		segment.startByte = start;
		segment.endByte = segment.limitByte = segment.emptyByte = start + words * 8;
		return segment;
	}

	/** Adds a segment over bytes that somebody else owns and keeps unchanged while the message is read. */
	borrow(bytes: Uint8Array, view: DataView, startByte: number, lengthBytes: number): Segment {
		const segment = this.next(bytes, view);
		segment.startByte = startByte;
		segment.endByte = segment.limitByte = segment.emptyByte = startByte + lengthBytes;
		return segment;
	}

	private next(bytes: Uint8Array, view: DataView): Segment {
		const id = this.segmentCount;
		let segment: Segment | undefined;
		if (id > 0) this.segmentList[id] = segment = this.shared.takeSpare(this, id, bytes, view);
		else if ((segment = this.segmentList[0]) === undefined)
			this.segmentList[0] = segment = new Segment(this, 0, bytes, view);
		else {
			segment.bytes = bytes;
			segment.view = view;
		}
		this.segmentCount = id + 1;
		if (id === 0) this.first = segment;
		return segment;
	}
}
