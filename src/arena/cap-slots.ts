import { Exhausted, Fault, FaultCode } from "../base/fault.js";

/** What the codec knows of a capability: who holds it counts. `src/cap` implements it. */
export interface CapHook {
	addRef(): void;
	release(): void;
}

/** The capabilities of one message: capability pointers are indexes into these slots. Holds one reference per filled slot. */
export class CapSlots {
	length = 0;
	private readonly slots: (CapHook | null)[] = [];
	readonly lengthMax: number;

	constructor(lengthMax: number) {
		this.lengthMax = lengthMax;
	}

	/** Borrowed: valid while the message is. A slot can be empty (null). */
	at(index: number): CapHook | null {
		if (index >= this.length) throw new Fault(FaultCode.CAPABILITY, "capability " + index + " of " + this.length);
		return this.slots[index]!;
	}

	/** Takes a reference of its own. */
	add(hook: CapHook | null): number {
		const index = this.give(hook);
		if (hook !== null) hook.addRef();
		return index;
	}

	/** Takes over the caller's reference. */
	give(hook: CapHook | null): number {
		const index = this.length;
		if (index >= this.lengthMax) throw new Exhausted("more than " + this.lengthMax + " capabilities in one message");
		this.slots[index] = hook;
		this.length = index + 1;
		return index;
	}

	/** Replaces a slot's content, taking over the caller's reference; the old one is released. */
	replace(index: number, hook: CapHook | null): void {
		const old = this.at(index);
		this.slots[index] = hook;
		if (old !== null) old.release();
	}

	/** Releases all. A slot is emptied before its release, which may call back into the vat. */
	clear(): void {
		while (this.length > 0) {
			const index = --this.length;
			const hook = this.slots[index]!;
			this.slots[index] = null;
			if (hook !== null) hook.release();
		}
	}
}
