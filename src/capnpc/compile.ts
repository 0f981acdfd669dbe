import { emitFile, type GeneratedFile } from "./emit-file.js";
import { type Schema, SchemaError } from "./model.js";
import { Names } from "./names.js";
import { readRequest } from "./request.js";
import type { Options } from "./scope.js";

export { SchemaError };
export type { GeneratedFile } from "./emit-file.js";

/**
 * The modules for one framed `CodeGeneratorRequest`. The same request gives the same text. Throws SchemaError.
 */
export function generate(request: Uint8Array, options: Partial<Options> = {}): GeneratedFile[] {
	try {
		return modules(readRequest(request), {
			orphans: options.orphans ?? true,
			objects: options.objects ?? true,
			schema: options.schema ?? true,
		});
	} catch (error) {
		if (error instanceof SchemaError) throw error;
		const [reason] = (error as Error).message.split("\n");
		throw new SchemaError(
			`this request is damaged, or from a newer Cap'n Proto than vatlet knows, in a way that vatlet cannot name: ${reason}`,
			{ cause: error },
		);
	}
}

function modules(schema: Schema, options: Options): GeneratedFile[] {
	const names = new Names(schema);
	return schema.files.flatMap((file) => emitFile(schema, names, file, options));
}
