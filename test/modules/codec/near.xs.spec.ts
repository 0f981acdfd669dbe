/** near.c and the elements of lists against the TypeScript that they stand in for, call by call. */
import { Place } from "../../../src/arena/place.js";
import { constantSegment, type Segment } from "../../../src/arena/segment.js";
import { MessagePool } from "../../../src/message/message-pool.js";
import * as scriptElements from "../../../src/layout/element-list.js";
import * as script from "../../../src/layout/near.js";
import { StructBuilder } from "../../../src/layout/struct-builder.js";
import { StructReader } from "../../../src/layout/struct-reader.js";
import * as nativeElements from "../../../modules/codec/element-list.js";
import * as native from "../../../modules/codec/near.js";
import { Seeded } from "../../support/seeded.js";

const ROUNDS = 400;
const WORDS = 24;
const STRUCT = 0;
const LIST = 1;
const BYTE = 2;
const COMPOSITE = 7;

/** Everything that an operation may look at or change; two of one seed are the same, one for each side. */
class World {
	readonly segment: Segment;
	/** A struct in the middle of the segment. */
	readonly from = new Place();
	readonly into = new Place();
	/** What `into` was an element of, and what was one of its elements. */
	readonly outer = new Place();
	readonly inner = new Place();
	readonly before = new DataView(new ArrayBuffer(8));

	constructor(random: Seeded, pool: MessagePool) {
		const constant = random.chance(8);
		const halves: number[] = [];
		for (let i = 0; i < WORDS * 2; i++) halves.push(0);
		if (constant) this.segment = constantSegment(halves);
		else {
			const { arena } = pool.take()!;
			// Some begin in the middle of a block.
			if (random.chance(2)) arena.reserve(3);
			this.segment = arena.reserve(WORDS)!;
			arena.budgetWords = random.chance(3) ? random.below(12) : 1 << 20;
		}
		const { segment, from, into } = this;
		const dataWords = random.below(3);
		from.view = segment.view;
		from.segment = segment;
		from.data = segment.startByte + 8 * random.below(6);
		from.dataBytes = dataWords * 8;
		from.pointerCount = 1 + random.below(3);
		from.depth = random.chance(6) ? random.below(2) : 64;
		into.view = this.before;
		into.length = 5;
		into.step = 3;
		into.depth = 7;
		if (random.chance(3)) {
			into.source = this.outer;
			this.outer.element = into;
		}
		if (random.chance(3)) {
			into.element = this.inner;
			this.inner.source = into;
		}
		// Room to build in, or the end of what was received.
		if (random.chance(2)) segment.endByte -= 8 * random.below(WORDS / 2);
		else if (random.chance(4)) segment.limitByte -= 8 * random.below(WORDS);
	}

	/** Writes a pointer of `from`, with a tag where it may lead to. */
	point(random: Seeded, index: number, low: number, high: number, tagLow: number, tagHigh: number): void {
		const { view, startByte } = this.segment;
		const at = this.from.data + this.from.dataBytes + index * 8;
		view.setUint32(at, low, true);
		view.setUint32(at + 4, high, true);
		const target = at + 8 + (low >> 2) * 8;
		if (target >= startByte && target + 8 <= startByte + WORDS * 8 && target !== at) {
			view.setUint32(target, tagLow, true);
			view.setUint32(target + 4, tagHigh, true);
			// The last byte of a text is 0, mostly.
			if (random.chance(3)) view.setUint8(startByte + random.below(WORDS * 8), 1);
		}
	}

	/** All of it as text; objects by what they are here. */
	get state(): string {
		const { segment, into, outer, inner, from } = this;
		const place = (of: Place | null): string =>
			of === null ? "none" : of === into ? "into" : of === outer ? "outer" : of === inner ? "inner" : "from";
		const view = into.view === segment.view ? "segment" : into.view === this.before ? "before" : "other";
		const aimed = (into.segment as Segment | undefined) === segment ? "segment" : "before";
		const numbers = [into.data, into.dataBytes, into.length, into.step, into.pointerCount, into.depth];
		const links = [into.element, into.source, outer.element, inner.source, from.element, from.source].map(place);
		const budget = segment.arena === null ? "constant" : segment.arena.budgetWords;
		let bytes = 0;
		for (let at = 0; at < segment.bytes.length; at += 4)
			bytes = (Math.imul(bytes, 31) + segment.view.getInt32(at, true)) | 0;
		return [...numbers, view, aimed, ...links, segment.endByte, budget, bytes].join(" ");
	}
}

type Near = typeof script;

/** Runs both on worlds of the same seed; returns how often the operation said yes. */
function compare(seed: number, operation: (near: Near, world: World, random: Seeded) => unknown): number {
	let done = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const run = (near: Near): [unknown, string] => {
			const random = new Seeded(seed * 100_000 + round);
			const world = new World(random, new MessagePool({ segmentWords: 64 }));
			const answer = operation(near, world, random);
			return [answer, world.state];
		};
		const [said, left] = run(script);
		const [answer, state] = run(native);
		if (answer !== said || state !== left) {
			expect(`round ${round}: ${String(answer)} ${state}`).toBe(`round ${round}: ${String(said)} ${left}`);
			return done;
		}
		if (said === true || (typeof said === "number" && said >= 0)) done++;
	}
	return done;
}

/** Of a pointer that is there, mostly. */
function someIndex(random: Seeded, { from }: World): number {
	return random.below(from.pointerCount + (random.chance(4) ? 1 : 0));
}

/** A size in words that is small, mostly. */
function size(random: Seeded): number {
	return random.chance(8) ? random.below(0x10000) : random.below(4);
}

/** The low half of a pointer of that kind, mostly, that leads to somewhere near, mostly. */
function lowHalf(random: Seeded, kind: number): number {
	const offset = random.chance(10) ? random.below(0x40000000) - 0x20000000 : random.below(WORDS + 4) - 6;
	return ((offset << 2) | (random.chance(10) ? random.below(4) : kind)) >>> 0;
}

describe("Near pointers and elements in C and in TypeScript", () => {
	it("follow to structs alike", () => {
		const done = compare(1, (near, world, random) => {
			const index = someIndex(random, world);
			const high = (size(random) | (size(random) << 16)) >>> 0;
			world.point(random, index, lowHalf(random, STRUCT), high, 0, 0);
			return near.nearStruct(world.from, index, world.into);
		});
		expect(done).toBeGreaterThan(ROUNDS / 10);
	});

	it("follow to lists of structs alike", () => {
		const done = compare(2, (near, world, random) => {
			const index = someIndex(random, world);
			const count = random.below(5);
			const dataWords = size(random);
			const pointers = random.below(3);
			const words = random.chance(5) ? random.below(0x20000000) : count * (dataWords + pointers) + random.below(2);
			const code = random.chance(10) ? random.below(8) : COMPOSITE;
			const kind = random.chance(10) ? random.below(4) : STRUCT;
			world.point(
				random,
				index,
				lowHalf(random, LIST),
				(code | (words << 3)) >>> 0,
				((random.chance(10) ? random.below(0x40000000) : count) << 2) | kind,
				dataWords | (pointers << 16),
			);
			return near.nearStructList(world.from, index, world.into);
		});
		expect(done).toBeGreaterThan(ROUNDS / 10);
	});

	it("follow to text and data alike", () => {
		const done = compare(3, (near, world, random) => {
			const index = someIndex(random, world);
			const count = random.chance(6) ? random.below(0x20000000) : random.below(60);
			const code = random.chance(10) ? random.below(8) : BYTE;
			world.point(random, index, lowHalf(random, LIST), (code | (count << 3)) >>> 0, 0x61616161, 0x61616161);
			return near.nearBlob(world.from, index, random.chance(2), world.into);
		});
		expect(done).toBeGreaterThan(ROUNDS / 10);
	});

	it("make structs, lists of structs and bytes alike", () => {
		const building = (operation: (near: Near, world: World, index: number, random: Seeded) => unknown, seed: number) =>
			compare(seed, (near, world, random) => {
				const index = someIndex(random, world);
				if (random.chance(6)) world.point(random, index, lowHalf(random, random.below(4)), random.below(9), 0, 0);
				return operation(near, world, index, random);
			});
		const { from, into } = { from: (world: World) => world.from, into: (world: World) => world.into };
		const many = (random: Seeded): number => (random.chance(6) ? random.below(0x40000000) : random.below(60));
		const counts = [
			building(
				(near, world, index, random) => near.newStruct(from(world), index, size(random), size(random), into(world)),
				4,
			),
			building(
				(near, world, index, random) =>
					near.newStructList(from(world), index, many(random) >> 4, size(random), random.below(3), into(world)),
				5,
			),
			building((near, world, index, random) => near.blobRoom(from(world), index, many(random), random.chance(2)), 6),
			building(
				(near, world, index, random) => near.newBlob(from(world), index, many(random), random.chance(2), into(world)),
				7,
			),
		];
		for (const done of counts) expect(done).toBeGreaterThan(ROUNDS / 10);
	});

	it("move a view from element to element alike, and to none outside", () => {
		const reader = (elements: typeof scriptElements) =>
			new (class extends elements.ElementListReader<StructReader> {
				constructor() {
					super(COMPOSITE);
				}
			})();
		const builder = (elements: typeof scriptElements) =>
			new (class extends elements.ElementListBuilder<StructBuilder> {
				constructor() {
					super(COMPOSITE);
				}
			})();
		for (let round = 0; round < ROUNDS; round++) {
			const run = (elements: typeof scriptElements): string => {
				const random = new Seeded(800_000 + round);
				const lists = [reader(elements), builder(elements)] as const;
				const views = [new StructBuilder(), new StructBuilder(), new StructBuilder()];
				const segment = constantSegment([0, 0]);
				const label = (of: Place | null): number =>
					of === null ? -1 : [...views, ...lists].findIndex((each) => each.at === of);
				const steps: string[] = [];
				for (let step = 0; step < 6; step++) {
					const list = lists[random.below(2)]!;
					if (random.chance(3)) {
						const { at } = list;
						at.leave();
						at.segment = segment;
						at.view = segment.view;
						at.data = 8 * random.below(9);
						at.dataBytes = 8 * random.below(3);
						at.pointerCount = random.below(3);
						at.length = random.below(5);
						at.step = 8 * random.below(5);
						at.depth = random.below(64);
					}
					const view = views[random.below(3)]!;
					const i = random.chance(8) ? random.below(0x7fffffff) - 0x40000000 : random.below(6) - 1;
					try {
						const moved = list === lists[0] ? lists[0].read(i, view) : lists[1].edit(i, view);
						steps.push(moved === view ? "moved" : "another");
					} catch (error) {
						steps.push(error instanceof RangeError ? "outside" : String(error));
					}
					for (const { at } of [...views, ...lists])
						steps.push(
							[at.data, at.dataBytes, at.length, at.step, at.pointerCount, at.depth].join(),
							[label(at.element), label(at.source), at.view === segment.view].join(),
						);
				}
				return steps.join(" ");
			};
			const said = run(scriptElements);
			const answer = run(nativeElements);
			if (answer !== said) expect(`round ${round}: ${answer}`).toBe(`round ${round}: ${said}`);
			else if (round === 0) expect(answer).toBe(said);
		}
	});
});
