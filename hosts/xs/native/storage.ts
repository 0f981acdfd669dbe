/** Small records that survive a restart (`embedded:storage/key-value`). A write or delete is atomic across power loss. */
function storeRead(domain: string, key: string, asText: boolean): any {
	return native("xs_store_read").call(undefined, domain, key, asText);
}
function storeWrite(domain: string, key: string, value: unknown): void {
	return native("xs_store_write").call(undefined, domain, key, value);
}
function storeDelete(domain: string, key: string): boolean {
	return native("xs_store_delete").call(undefined, domain, key);
}
function storeKey(domain: string, index: number): string | undefined {
	return native("xs_store_key").call(undefined, domain, index);
}
export interface DomainOptions {
	/** The domain's name, 1 to 63 bytes. */
	path: string;
	/** What `read` returns; "buffer" without. */
	format?: "buffer" | "string";
}

export class Domain {
	readonly path: string;
	format: "buffer" | "string";

	constructor(options: DomainOptions) {
		this.path = options.path;
		this.format = options.format ?? "buffer";
	}
	/** A copy of the record, or undefined. Throws if its bytes fail their check. */
	read(key: string): any {
		return storeRead(this.path, key, this.format === "string");
	}
	write(key: string, value: Uint8Array | ArrayBuffer | string): void {
		storeWrite(this.path, key, value);
	}
	/** True if there was such a record. */
	delete(key: string): boolean {
		return storeDelete(this.path, key);
	}
	/** The index-th key, in no order that lasts across writes; undefined past the last. */
	key(index: number): string | undefined {
		return storeKey(this.path, index);
	}
	/** Written out: a generator would bring the engine's with it. */
	[Symbol.iterator](): Iterator<string> {
		let index = 0;
		return {
			next: (): IteratorResult<string> => {
				const value = this.key(index++);
				return value === undefined ? { done: true, value } : { done: false, value };
			},
		};
	}
	close(): void {}
}

export default Object.freeze({
	open(options: DomainOptions): Domain {
		return new Domain(options);
	},
});
