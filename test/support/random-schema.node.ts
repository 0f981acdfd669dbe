import type { Seeded } from "./seeded.js";

const PRIMITIVES = [
	"Bool",
	"Int8",
	"Int16",
	"Int32",
	"Int64",
	"UInt8",
	"UInt16",
	"UInt32",
	"UInt64",
	"Float32",
	"Float64",
	"Void",
	"Color",
];

/** The text of a schema with some structs of random fields: primitives with and without defaults, groups, unions, lists. */
export function randomSchema(random: Seeded): string {
	const structs = 2 + random.below(3);
	// File ids have their top bit set.
	let text = "@0x" + ((random.next() | 0x80000000) >>> 0).toString(16) + "deadbee1;\n";
	text += "enum Color { red @0; green @1; blue @2; }\n";
	for (let i = 0; i < structs; i++) text += struct(random, i, structs);
	return text;
}

function struct(random: Seeded, index: number, structs: number): string {
	let ordinal = 0;
	let names = 0;
	// A union's first member is what a null struct has, and must not be a struct again.
	const fields = (count: number, depth: number, union = false): string => {
		let text = union ? `f${names++} @${ordinal++} :${primitive(random)};\n` : "";
		for (let i = 0; i < count; i++) {
			const name = "f" + names++;
			const shape = depth < 2 ? random.below(12) : 11;
			if (shape === 0) text += `${name} :group { ${fields(1 + random.below(4), depth + 1)} }\n`;
			else if (shape === 1) text += `${name} :union { ${fields(1 + random.below(3), depth + 1, true)} }\n`;
			else text += `${name} @${ordinal++} :${type(random, structs)};\n`;
		}
		return text;
	};
	const unnamed = random.chance(3) ? `union { ${fields(1 + random.below(3), 1, true)} }\n` : "";
	return `struct S${index} {\n${unnamed}${fields(1 + random.below(12), 0)}}\n`;
}

function type(random: Seeded, structs: number): string {
	const kind = random.below(10);
	if (kind < 5) return primitive(random);
	if (kind === 5) return random.chance(2) ? "Text" : "Data";
	if (kind === 6) return "S" + random.below(structs);
	let element = ["Text", "Data", "S" + random.below(structs), PRIMITIVES[random.below(PRIMITIVES.length)]!][
		random.below(4)
	]!;
	while (random.chance(3)) element = `List(${element})`;
	return `List(${element})`;
}

function primitive(random: Seeded): string {
	const name = PRIMITIVES[random.below(PRIMITIVES.length)]!;
	if (name === "Void" || random.chance(2)) return name;
	return `${name} = ${defaultOf(random, name)}`;
}

function defaultOf(random: Seeded, name: string): string {
	switch (name) {
		case "Bool":
			return "true";
		case "Color":
			return "blue";
		case "Float32":
		case "Float64":
			return (random.below(2000) / 8 - 100).toString();
		case "Int64":
			return "-" + random.next() + "123";
		case "UInt64":
			return random.next() + "4567";
		default: {
			const bits = Number(/\d+/.exec(name)![0]);
			const value = random.next() >>> (32 - bits);
			return name.startsWith("U") ? value.toString() : (value - 2 ** (bits - 1)).toString();
		}
	}
}
