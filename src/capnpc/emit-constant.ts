import { hex, isZero } from "./literal.js";
import type { SlotField, StructNode, Value } from "./model.js";
import type { ModuleWriter } from "./module-writer.js";
import { isPointer, type Scope } from "./scope.js";

/** The module's name for the default of a pointer field. */
export function constantName(scope: Scope, node: StructNode, field: SlotField): string {
	return `${scope.names.of(node)}_${field.name}Default`;
}

/** Defaults of a struct's pointer fields, as messages in the module. */
export function emitPointerDefaults(scope: Scope, node: StructNode): void {
	for (const field of node.fields) {
		if (field.kind !== "slot" || !isPointer(field.type) || isZero(field.defaultValue)) continue;
		scope.out.gap();
		scope.out.line(`const ${constantName(scope, node, field)} = ${constantMessage(scope, field.defaultValue)};`);
	}
}

/** An expression for a one-segment message with that root. */
export function constantMessage(scope: Scope, value: Value): string {
	return constantHalves(scope.out, halvesOf(value));
}

export function constantHalves(out: ModuleWriter, halves: readonly number[]): string {
	return `/* @__PURE__ */ ${out.use("constantSegment")}([${halves.map(hex).join(", ")}])`;
}

/** A value behind a pointer, as the u32 halves of a message. */
export function halvesOf(value: Value): readonly number[] {
	switch (value.kind) {
		case "text":
			return blob(Buffer.from(value.value + "\0", "utf8"));
		case "data":
			return blob(value.value);
		case "list":
		case "struct":
		case "any":
			return value.halves.length === 0 ? [0, 0] : value.halves;
		default:
			return [0, 0];
	}
}

function blob(bytes: Uint8Array): number[] {
	const padded = Buffer.alloc((bytes.length + 7) & ~7);
	padded.set(bytes);
	const halves = [1, (bytes.length << 3) | 2];
	for (let at = 0; at < padded.length; at += 4) halves.push(padded.readUInt32LE(at));
	return halves;
}
