import type { Place } from "../arena/place.js";
import type { Segment } from "../arena/segment.js";
import { copyPointer } from "./copy.js";
import { absentAt, aimAny, aimConstant, followData, followList, followStruct, followText, textAt } from "./follow.js";

// Pointers with a default: `constant` holds a message whose root is the default. Functions, so that programs whose schemas
// have none carry none.

export function followStructOr(from: Place, index: number, constant: Segment, into: Place): void {
	if (absentAt(from, index)) followStruct(aimConstant(constant, into), 0, into);
	else followStruct(from, index, into);
}

export function followListOr(from: Place, index: number, elementSize: number, constant: Segment, into: Place): void {
	if (absentAt(from, index)) followList(aimConstant(constant, into), 0, elementSize, into);
	else followList(from, index, elementSize, into);
}

export function followTextOr(from: Place, index: number, constant: Segment, into: Place): void {
	if (absentAt(from, index)) followText(aimConstant(constant, into), 0, into);
	else followText(from, index, into);
}

/** Allocates a string. */
export function textOr(from: Place, index: number, value: string): string {
	return absentAt(from, index) ? value : textAt(from, index);
}

export function followDataOr(from: Place, index: number, constant: Segment, into: Place): void {
	if (absentAt(from, index)) followData(aimConstant(constant, into), 0, into);
	else followData(from, index, into);
}

export function aimAnyOr(from: Place, index: number, constant: Segment, into: Place): void {
	if (absentAt(from, index)) aimConstant(constant, into);
	else aimAny(from, index, into);
}

/** Where the pointer is null, makes it a copy of the constant's root: editing begins with the field's default. Moves `scratch`. */
export function fillFrom(constant: Segment, at: Place, index: number, scratch: Place): void {
	if (absentAt(at, index)) copyPointer(aimConstant(constant, scratch), 0, at, index);
}
