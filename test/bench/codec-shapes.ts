import { PART_BYTES, PARTS, PEOPLE, TREE_DEPTH } from "./codec-messages.js";
import { type Loose, load, type Peer } from "./codec-peers.js";

// The other shapes in the libraries that take objects: the same content, all of it looked at as in codec-messages.ts.

/** One shape as an object, as a schema for protobufjs, and what reading it adds up to. */
export interface Shape {
	plain: Loose;
	/** The same for JSON, which has no bytes. */
	text?: Loose;
	proto: string;
	sum: (read: Loose) => number;
}

function book(): Shape {
	const people = Array.from({ length: PEOPLE }, (_, id) => ({
		id,
		name: "Alice Example",
		email: "alice@example.com",
		phones: [0, 1].map((type) => ({ number: "555-1212", type })),
	}));
	return {
		plain: { people },
		proto: `message Phone { string number = 1; uint32 type = 2; }
			message Person { uint32 id = 1; string name = 2; string email = 3; repeated Phone phones = 4; }
			message Root { repeated Person people = 1; }`,
		sum: (read) => {
			let sum = 0;
			for (const person of read.people) {
				sum += person.id + person.name.length + person.email.length;
				for (const phone of person.phones) sum += phone.type + phone.number.length;
			}
			return sum;
		},
	};
}

interface Node {
	value: number;
	left?: Node;
	right?: Node;
}

function tree(): Shape {
	const grow = (depth: number): Node =>
		depth === TREE_DEPTH ? { value: depth } : { value: depth, left: grow(depth + 1), right: grow(depth + 1) };
	const sum = (node: Node | undefined | null): number =>
		node === undefined || node === null ? 0 : node.value + sum(node.left) + sum(node.right);
	return { plain: grow(0), proto: "message Root { int32 value = 1; Root left = 2; Root right = 3; }", sum };
}

function blobs(): Shape {
	const part = new Uint8Array(PART_BYTES).fill(0x5a);
	const base64 = Buffer.from(part).toString("base64");
	return {
		plain: { parts: Array.from({ length: PARTS }, () => part) },
		text: { parts: Array.from({ length: PARTS }, () => base64) },
		proto: "message Root { repeated bytes parts = 1; }",
		sum: (read) => {
			let sum = 0;
			for (const each of read.parts) {
				const bytes = typeof each === "string" ? Buffer.from(each, "base64") : each;
				sum += bytes.length + bytes[0] + bytes[PART_BYTES - 1];
			}
			return sum;
		},
	};
}

function wide(): Shape {
	const types =
		"a0:int64 a1:uint32 a2:uint32 a3:uint32 a4:bool a5:double a6:float a7:int32 a8:int32 a9:int32 b0:uint32 b1:double b2:bool b3:uint32 b4:uint32 b5:uint32 b6:double b7:double b8:double b9:double c0:string"
			.split(" ")
			.map((each) => each.split(":") as [string, string]);
	const values = [-5, 1, 2, 3, true, 5.5, 6.5, -7, -8, -9, 10, 11.5, false, 13, 14, 15, 16, 17, 18, 19, "wide"];
	const fields = types.map(([name, type], i) => `${type} ${name} = ${i + 1};`).join(" ");
	return {
		plain: { ...Object.fromEntries(types.map(([name], i) => [name, values[i]])), c1: [0, 1, 2, 3] },
		proto: `message Root { ${fields} repeated uint32 c1 = 30; }`,
		sum: (r) => {
			let sum = Number(r.a0) + r.a1 + r.a2 + r.a3 + r.a5 + r.a6 + r.a7 + r.a8 + r.a9 + r.b0 + r.b1 + r.b3 + r.b4 + r.b5;
			sum += r.b6 + r.b7 + r.b8 + r.b9 + r.c0.length;
			if (r.a4) sum++;
			if (r.b2) sum++;
			for (const each of r.c1) sum += each;
			return sum;
		},
	};
}

export const shapes = { "address-book": book, "deep-tree": tree, "blob-list": blobs, wide };

/** JSON, protobufjs and msgpackr for one shape. */
export async function shapePeers(shape: Shape): Promise<Peer[]> {
	const { plain, sum } = shape;
	const forText = shape.text ?? plain;
	const text = JSON.stringify(forText);
	const { default: protobuf } = await load("protobufjs");
	const type = protobuf.parse(`syntax = "proto3"; ${shape.proto}`).root.lookupType("Root");
	const encoded = type.encode(plain).finish();
	const { Packr } = await load("msgpackr", "index.js");
	const packr = new Packr({ structuredClone: false });
	const packed = packr.pack(plain);
	return [
		{ name: "json", write: () => JSON.stringify(forText), read: () => sum(JSON.parse(text)) },
		{ name: "protobufjs", write: () => type.encode(plain).finish(), read: () => sum(type.decode(encoded)) },
		{ name: "msgpackr", write: () => packr.pack(plain), read: () => sum(packr.unpack(packed)) },
	];
}
