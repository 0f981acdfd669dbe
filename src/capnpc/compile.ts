import { emitFile, type GeneratedFile } from "./emit-file.js";
import { Names } from "./names.js";
import { readRequest } from "./request.js";
import type { Options } from "./scope.js";

export { SchemaError } from "./model.js";
export type { GeneratedFile } from "./emit-file.js";

/**
 * The modules for one framed `CodeGeneratorRequest`. The same request gives the same text. Throws SchemaError.
 */
export function generate(request: Uint8Array, options: Partial<Options> = {}): GeneratedFile[] {
	const schema = readRequest(request);
	const names = new Names(schema);
	const full: Options = {
		orphans: options.orphans ?? true,
		objects: options.objects ?? true,
		schema: options.schema ?? true,
	};
	return schema.files.flatMap((file) => emitFile(schema, names, file, full));
}
