/** Files that the manifests list under `data` and `resources`, where they lie: in flash where there is flash (module `Resource`). */

/** Read-only bytes that typed arrays and DataViews take as their buffer. Writing through one throws a TypeError. */
export interface HostBuffer extends ArrayBuffer {
	/** The bytes from `begin` up to `end`, both held to what there is: a copy, or with `copy` false the same read-only bytes. */
	slice(begin?: number, end?: number, copy?: true): ArrayBuffer;
	slice(begin: number, end: number, copy: boolean): ArrayBuffer | HostBuffer;
}

export interface ResourceConstructor {
	/** The file of that name, with its ending; throws a URIError if the image has none. */
	new (name: string): HostBuffer;
	exists(name: string): boolean;
}

class Resource extends Native("xs_resource_destructor") {
	constructor(name: string) {
		super();
		native("xs_resource").call(this, name);
	}
	static exists(name: string): boolean {
		return native("xs_resource_exists").call(this, name);
	}
	get byteLength(): number {
		return native("xs_resource_get_byteLength").call(this);
	}
	slice(begin?: number, end?: number, copy?: boolean): unknown {
		return native("xs_resource_slice").call(this, begin, end, copy);
	}
}
export default Resource as unknown as ResourceConstructor;
