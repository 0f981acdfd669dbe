/** An annotation that a schema declares; `T` is what its values are: readers for structs and lists. */
export interface AnnotationType<T> {
	readonly idHigh: number;
	readonly idLow: number;
	readonly name: string;
	/** Never there; carries the type. */
	readonly value?: T;
}

/** Values by the hexadecimal id of their annotation. */
export type AnnotationValues = Readonly<Record<string, unknown>>;

/** The annotations of one declaration and of its members, by their names in the schema. */
export interface Annotations {
	readonly own: AnnotationValues;
	readonly members: Readonly<Record<string, AnnotationValues>>;
}

/** The value of an annotation on a declaration, or on `member` of it; undefined where it has none. Void ones are null. */
export function annotation<T>(of: Annotations, type: AnnotationType<T>, member?: string): T | undefined {
	const values = member === undefined ? of.own : of.members[member];
	return values?.[hex(type.idHigh) + hex(type.idLow)] as T | undefined;
}

function hex(half: number): string {
	return half.toString(16).padStart(8, "0");
}
