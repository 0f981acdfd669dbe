import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, MessagePool, readMessage, type StructType, toJson } from "vatlet/runtime";
import { generate } from "../../src/capnpc/compile.js";
import { capnp, ROOT } from "../support/capnp-tool.node.js";
import { emptyFolder, importFile, typeCheck, writeJavaScript } from "../support/generated.node.js";
import { randomObject } from "../support/random-object.js";
import { Seeded } from "../support/seeded.js";

const SCHEMAS = join(ROOT, "test/capnpc/collisions");
const FILES = ["struct-reader.capnp", "both.capnp", "one.capnp", "two.capnp"];

/** The structs of it that are no groups, whose values JSON can show. */
const TYPES = (
	"TextReader Place Array Object Promise Record Uint8Array BigInt Error Number Math String Symbol Map View FieldType Omit GlobalThis " +
	"Words Small Sample SampleListReader Accessors Unions UseGenerics"
).split(" ");

describe("schemas whose names are those of the language, of the runtime, of accessors, or of one another", () => {
	const request = () => capnp(["compile", "-o-", ...FILES], "", SCHEMAS);

	it("become modules that type-check", () => {
		const folder = emptyFolder("collisions-types");
		for (const { path, text } of generate(request())) writeFileSync(join(folder, path), text);
		expect(typeCheck(folder, "typescript")).toBe("");
	}, 60_000);

	it("have the same names in whatever order the files come", () => {
		const there = generate(request());
		const back = generate(capnp(["compile", "-o-", ...[...FILES].reverse()], "", SCHEMAS));
		expect(new Map(back.map(({ path, text }) => [path, text]))).toEqual(
			new Map(there.map(({ path, text }) => [path, text])),
		);
	});

	it("go through the capnp tool and back, every field by its own name", async () => {
		const folder = emptyFolder("collisions");
		const [path] = generate(request(), { schema: false }).map((file) => writeJavaScript(folder, file));
		const module = await importFile(path!);
		for (const name of TYPES) {
			const type = module[name] as StructType<unknown>;
			const encode = (fill: (builder: ReturnType<typeof type.createBuilder>) => void): Uint8Array => {
				const message = new MessagePool().take()!;
				fill(message.initRoot(type.createBuilder(), type.dataWords, type.pointerCount));
				return message.toBytes();
			};
			const bytes = encode((builder) => type.fromObject(randomObject(new Seeded(type.idLow), type) as never, builder));
			const json = toJson(type, readMessage(bytes).readRoot(type.createReader()));
			const theirs = capnp(["convert", "--quiet", "binary:json", FILES[0]!, name], bytes, SCHEMAS).toString();
			expect(JSON.parse(theirs)).withContext(name).toEqual(JSON.parse(json));
			const again = encode((builder) => fromJson(type, theirs, builder));
			expect(toJson(type, readMessage(again).readRoot(type.createReader())))
				.withContext(name)
				.toBe(json);
		}
	}, 60_000);
});
