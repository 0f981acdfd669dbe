import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readMessage, StructListReader, StructReader } from "vatlet/runtime";
import {
	Field,
	FieldReader,
	FieldSlotReader,
	Node,
	NodeConstReader,
	NodeReader,
	NodeStructReader,
	Type,
	TypeReader,
	Value,
	ValueReader,
} from "../../src/gen/schema.capnp.js";
import { generate, SchemaError } from "../../src/capnpc/compile.js";
import { requestFor, ROOT } from "../support/capnp-tool.node.js";
import { runToEnd } from "../support/command.node.js";
import { emptyFolder } from "../support/generated.node.js";
import { Seeded } from "../support/seeded.js";

const PLUGIN = join(ROOT, "build/js/src/capnpc/main.js");
const UNKNOWN = 77;

const SCHEMA = `@0xd1d1d1d1d1d1d1d0;
struct A @0xd1d1d1d1d1d1d1d1 { a @0 :Text = "x"; any @1 :AnyPointer; }
const c @0xd1d1d1d1d1d1d1d2 :UInt16 = 5;
interface I @0xd1d1d1d1d1d1d1d3 { call @0 [T] (value :T, list :List(A)) -> (done :Bool); }
`;

describe("requests of a newer tool, and damaged ones", () => {
	let folder: string;
	let request: Uint8Array;

	beforeAll(() => {
		folder = emptyFolder("damaged");
		writeFileSync(join(folder, "a.capnp"), SCHEMA);
		request = requestFor(["a.capnp"], folder);
	});

	/** Nodes of a request, aimed at its bytes: what is written there changes it. */
	function nodeOf(bytes: Uint8Array, id: bigint): NodeReader {
		const nodes = readMessage(bytes).readRoot(new StructReader()).listAt(0, new StructListReader<NodeReader>());
		for (let i = 0; i < nodes.length; i++) {
			const node = nodes.read(i, new NodeReader());
			if (node.getIdBigInt() === id) return node;
		}
		throw new Error("no such node");
	}

	function fieldOf(bytes: Uint8Array, i: number): FieldReader {
		const struct = nodeOf(bytes, 0xd1d1d1d1d1d1d1d1n).readStruct(new NodeStructReader());
		return struct.readFields(new StructListReader<FieldReader>()).read(i, new FieldReader());
	}

	function constOf(bytes: Uint8Array): NodeConstReader {
		return nodeOf(bytes, 0xd1d1d1d1d1d1d1d2n).readConst(new NodeConstReader());
	}

	/** The request with the u16 at `offset` of what `find` finds changed. */
	function changed(find: (bytes: Uint8Array) => StructReader, offset: number, value = UNKNOWN): Uint8Array {
		const bytes = Uint8Array.from(request);
		const { at } = find(bytes);
		at.view.setUint16(at.data + offset, value, true);
		return bytes;
	}

	/** As the tool runs it: one line, exit code 1, nothing written. */
	function expectRefused(bytes: Uint8Array, message: RegExp): void {
		const { status, stderr } = runToEnd(process.execPath, [PLUGIN], { input: bytes, cwd: folder });
		expect([status, stderr.split("\n").length])
			.withContext(stderr)
			.toEqual([1, 2]);
		expect(stderr).toMatch(/^capnpc-vatlet: /);
		expect(stderr).toMatch(message);
		expect(readdirSync(folder)).toEqual(["a.capnp"]);
	}

	it("are refused with the declaration's name where its kind is unknown", () => {
		const bytes = changed((each) => nodeOf(each, 0xd1d1d1d1d1d1d1d1n), Node.discriminantAt);
		expectRefused(bytes, /a\.capnp:A: unknown kind of declaration \(77\): .*newer Cap'n Proto/);
	});

	it("are refused with the field's name where its kind is unknown", () => {
		const bytes = changed((each) => fieldOf(each, 0), Field.discriminantAt);
		expectRefused(bytes, /field a: unknown kind of field \(77\): .*newer Cap'n Proto/);
	});

	it("are refused where a type is unknown", () => {
		const slot = (each: Uint8Array) => fieldOf(each, 0).readSlot(new FieldSlotReader()).readType(new TypeReader());
		expectRefused(changed(slot, Type.discriminantAt), /a\.capnp:A: field a: unknown type \(77\): .*newer Cap'n Proto/);
		const ofConst = (each: Uint8Array) => constOf(each).readType(new TypeReader());
		expectRefused(changed(ofConst, Type.discriminantAt), /a\.capnp:c: unknown type \(77\): .*newer Cap'n Proto/);
	});

	it("are refused where a value is of an unknown kind", () => {
		const slot = (each: Uint8Array) =>
			fieldOf(each, 0).readSlot(new FieldSlotReader()).readDefaultValue(new ValueReader());
		expectRefused(changed(slot, Value.discriminantAt), /a\.capnp:A: field a: unknown kind of value \(77\): .*newer/);
		const ofConst = (each: Uint8Array) => constOf(each).readValue(new ValueReader());
		expectRefused(changed(ofConst, Value.discriminantAt), /a\.capnp:c: unknown kind of value \(77\): .*newer/);
	});

	it("may have kinds of AnyPointer that are unknown: those are pointers still", () => {
		const type = (each: Uint8Array) => fieldOf(each, 1).readSlot(new FieldSlotReader()).readType(new TypeReader());
		// What it is about, then what it may lead to.
		for (const offset of [8, 10]) expect(generate(changed(type, offset))[0]!.text).toContain("any?: AnyValue;");
	});

	it("are refused where a name is none", () => {
		const bytes = Buffer.from(request);
		const at = bytes.indexOf("done\0");
		bytes.write('"\n', at);
		expectRefused(bytes, /cannot name anything/);
	});

	it("are refused where a declaration stands within itself", () => {
		const bytes = Uint8Array.from(request);
		const node = nodeOf(bytes, 0xd1d1d1d1d1d1d1d1n);
		// `scopeId` becomes its own id.
		node.at.view.setBigUint64(node.at.data + 16, 0xd1d1d1d1d1d1d1d1n, true);
		expectRefused(bytes, /stands within itself/);
	});

	it("are refused wherever they are cut off", () => {
		for (let length = 0; length < request.length; length += 24)
			expect(() => generate(request.subarray(0, length)))
				.withContext(`${length} bytes`)
				.toThrowError(SchemaError);
		expectRefused(request.subarray(0, 64), /not a CodeGeneratorRequest/);
	});

	it("are refused, or understood as something else, wherever bits of them are others", () => {
		const random = new Seeded(4);
		let refused = 0;
		for (let round = 0; round < 1500; round++) {
			const bytes = Uint8Array.from(request);
			for (let i = random.below(4); i >= 0; i--) bytes[8 + random.below(bytes.length - 8)]! ^= 1 << random.below(8);
			try {
				generate(bytes);
			} catch (error) {
				refused++;
				expect(error)
					.withContext(`round ${round}: ${(error as Error).stack}`)
					.toBeInstanceOf(SchemaError);
				expect((error as Error).message).not.toContain("\n");
			}
		}
		expect(refused).toBeGreaterThan(500);
	}, 60_000);

	it("are refused where they are garbage", () => {
		const random = new Seeded(5);
		const garbage = Uint8Array.from({ length: 800 }, () => random.next());
		expectRefused(garbage, /not a CodeGeneratorRequest/);
		garbage.set([0, 0, 0, 0, 99, 0, 0, 0]);
		expectRefused(garbage, /./);
	});
});
