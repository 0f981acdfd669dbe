import type { FieldType, StructType } from "vatlet/runtime";
import type { Seeded } from "./seeded.js";

/** A plain object of `type` with random values, whole enough that every form of it keeps them: no lone surrogates, no −0. */
export function randomObject(random: Seeded, type: StructType<unknown>, depth = 0): Record<string, unknown> {
	const object: Record<string, unknown> = {};
	const fields = type.fields();
	const members = fields.filter((field) => field.discriminant !== undefined);
	const chosen = members[random.below(Math.max(members.length, 1))];
	for (const field of fields) {
		if (field.discriminant !== undefined && field !== chosen) continue;
		const value = randomValue(random, field.type, depth);
		if (value !== undefined) object[field.name] = value;
	}
	return object;
}

const DEPTH_MAX = 3;

function randomValue(random: Seeded, type: FieldType, depth: number): unknown {
	if (typeof type === "string") return randomScalar(random, type);
	if ("enum" in type) {
		const { names } = type.enum();
		return names[random.below(names.length)];
	}
	if ("group" in type) return randomObject(random, type.group(), depth);
	if ("interface" in type) return undefined;
	if ("struct" in type) return depth >= DEPTH_MAX ? {} : randomObject(random, type.struct(), depth + 1);
	const count = depth >= DEPTH_MAX ? 0 : random.below(4);
	const element = type.list;
	if (typeof element === "object" && "interface" in element) return undefined;
	return Array.from({ length: count }, () => randomValue(random, element, depth + 1));
}

function randomScalar(random: Seeded, type: string): unknown {
	const bits = Number(/\d+$/.exec(type)?.[0] ?? 0);
	switch (type) {
		case "void":
			return null;
		case "bool":
			return random.chance(2);
		case "text":
			return Array.from(
				{ length: random.below(6) },
				() => ["a", "ß", "語", "🎨", '"', "\n", " "][random.below(7)],
			).join("");
		case "data":
			return Uint8Array.from({ length: random.below(10) }, () => random.below(256));
		case "float32":
			return [0.5, -1.25, 3e10, Infinity, -Infinity, 0][random.below(6)];
		case "float64":
			return [0.1, -1e-300, 1e21, Infinity, -Infinity, 123456.789][random.below(6)];
		case "int64":
			return BigInt.asIntN(64, (BigInt(random.next()) << 32n) | BigInt(random.next()));
		case "uint64":
			return (BigInt(random.next()) << 32n) | BigInt(random.next());
		default:
			if (bits === 0) return undefined;
			return type.startsWith("uint") ? random.next() >>> (32 - bits) : (random.next() | 0) >> (32 - bits);
	}
}
