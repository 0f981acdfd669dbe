/** Pointer fields to follow from the results of a call: the transform of a PromisedAnswer. */
export class Path {
	/** More nesting than any reader would follow. */
	static readonly LENGTH_MAX = 16;
	readonly fields: number[] = [];
	length = 0;

	clear(): this {
		this.length = 0;
		return this;
	}

	/** False where the path is full. */
	add(pointerIndex: number): boolean {
		if (this.length === Path.LENGTH_MAX) return false;
		this.fields[this.length++] = pointerIndex;
		return true;
	}

	copyFrom(other: Path): void {
		this.length = other.length;
		for (let i = 0; i < other.length; i++) this.fields[i] = other.fields[i]!;
	}

	equals(other: Path): boolean {
		if (this.length !== other.length) return false;
		for (let i = 0; i < this.length; i++) if (this.fields[i] !== other.fields[i]) return false;
		return true;
	}
}
