import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	AnyBuilder,
	AnyReader,
	canonicalize,
	FrameReader,
	FrameState,
	isCanonical,
	Message,
	MessagePool,
	Packer,
	readMessage,
	StructBuilder,
	StructReader,
	structsEqual,
	Unpacker,
} from "vatlet/runtime";
import { Cleanup } from "../support/cleanup.node.js";
import { compile, type DynamicNode, fillRandom, toJson } from "../support/dynamic-struct.node.js";
import { randomSchema } from "../support/random-schema.node.js";
import { Seeded } from "../support/seeded.js";
import { SlowSource } from "../support/slow-source.js";

const SCHEMAS = Number(process.env["VATLET_DIFFERENTIAL_SCHEMAS"] ?? 12);

describe("The codec against the capnp tool", () => {
	const cleanup = Cleanup.afterAll();
	let folder = "";
	beforeAll(() => void (folder = cleanup.folder()));

	function capnp(conversion: string, file: string, input: Uint8Array, ...more: string[]): Buffer {
		return execFileSync("capnp", ["convert", "--quiet", "--short", ...more, conversion, file, "S0"], {
			input,
			stdio: ["pipe", "pipe", "inherit"],
			timeout: 60_000,
		});
	}

	for (let seed = 1; seed <= SCHEMAS; seed++) {
		const random = new Seeded(seed);
		it(`agrees on messages of random schema ${seed}`, () => {
			const file = join(folder, `s${seed}.capnp`);
			const node = randomNode(file, random);
			for (const segmentWords of [1 << 15, 300 + random.below(400)]) {
				const message = new MessagePool({ segmentWords }).take()!;
				const json = fillRandom(
					node,
					message.initRoot(new StructBuilder(), node.dataWords, node.pointerCount),
					random,
					0,
				);
				const bytes = message.toBytes();

				// Built here, read there.
				expect(JSON.parse(capnp("binary:json", file, bytes).toString())).toEqual(JSON.parse(JSON.stringify(json)));
				// Built there, in one and in many segments, read here.
				const text = Buffer.from(JSON.stringify(json));
				expectRead(node, capnp("json:binary", file, text), json);
				expectRead(node, capnp("binary:binary", file, bytes, "--segment-size=50"), json);
				// Packed both ways.
				const packed = pack(message);
				// The tool copies before it writes, into an order of its own.
				const relaid = capnp("binary:binary", file, bytes);
				expect(hex(pack(readMessage(relaid)))).toEqual(hex(capnp("binary:packed", file, bytes)));
				expect(hex(unpack(capnp("binary:packed", file, bytes), random))).toEqual(hex(relaid));
				expect(capnp("packed:json", file, packed)).toEqual(capnp("binary:json", file, bytes));
				expectCanonical(message, capnp("binary:canonical", file, bytes));
				expectCopies(message);
			}
		});
	}

	/** The tool refuses some groups that it once laid out wrongly; those schemas are skipped. */
	function randomNode(file: string, random: Seeded): DynamicNode {
		for (;;) {
			writeFileSync(file, randomSchema(random));
			try {
				return compile(file).get("S0")!;
			} catch (error) {
				if (!String(error).includes("Bad news")) throw error;
			}
		}
	}

	function expectRead(node: DynamicNode, frame: Uint8Array, json: Record<string, unknown>): void {
		expect(JSON.parse(JSON.stringify(toJson(node, readMessage(frame).readRoot(new StructReader()))))).toEqual(
			JSON.parse(JSON.stringify(json)),
		);
	}

	function expectCanonical(message: Message, canonical: Buffer): void {
		const pool = new MessagePool({ segmentWords: 1 << 14 });
		const own = pool.take()!;
		canonicalize(message.readRoot(new StructReader()), own);
		const segment = own.segmentAt(0);
		expect(hex(segment.bytes.subarray(0, segment.endByte))).toEqual(hex(canonical));
		expect(isCanonical(own)).toBeTrue();
	}

	function expectCopies(message: Message): void {
		const copy = new MessagePool({ segmentWords: 7 }).take()!;
		copy.rootAny(new AnyBuilder()).copy(message.rootAny(new AnyReader()));
		expect(structsEqual(copy.readRoot(new StructReader()), message.readRoot(new StructReader()))).toBeTrue();
	}
});

function pack(message: Message): Buffer {
	const packer = new Packer(512);
	packer.start(message);
	const parts: Uint8Array[] = [];
	while (!packer.done) {
		const part = new Uint8Array(37);
		const length = packer.read(part, 0, part.length);
		parts.push(part.subarray(0, length));
	}
	return Buffer.concat(parts);
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

function unpack(packed: Uint8Array, random: Seeded): Uint8Array {
	const unpacker = new Unpacker(new SlowSource(packed, random), 16);
	const reader = new FrameReader(new MessagePool({ segmentWords: 1 << 14 }));
	let state: FrameState;
	for (let turns = 0; (state = reader.pull(unpacker)) !== FrameState.READY; turns++)
		if (turns > packed.length + 10) throw new Error("stuck in state " + state);
	const bytes = reader.take().toBytes();
	// The count behind the last word may still be on its way.
	for (let turns = 0; turns < 20; turns++) expect(reader.pull(unpacker)).toBe(FrameState.WAITING);
	expect(unpacker.atBoundary).toBeTrue();
	expect(reader.atBoundary).toBeTrue();
	return bytes;
}
