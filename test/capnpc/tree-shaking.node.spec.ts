import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import { ROOT } from "../support/capnp-tool.node.js";
import { emptyFolder } from "../support/generated.node.js";

/** What is left of `source` and all that it imports; of the runtime only if `whole`. */
async function bundle(source: string, whole = false): Promise<string> {
	const folder = emptyFolder("tree-shaking");
	const input = join(folder, "main.js");
	const generated = join(ROOT, "build/js/test/capnpc");
	writeFileSync(input, source.replaceAll("./", `${generated}/`));
	const build = await rollup({
		input,
		plugins: [nodeResolve()],
		external: (id) => !whole && id === "vatlet/runtime",
		// Of the runtime, which stays outside, nothing is known to be free of effects.
		onwarn: (warning) => warning.code === "UNUSED_EXTERNAL_IMPORT" || fail(warning.message),
	});
	const { output } = await build.generate({ format: "es" });
	return output[0].code;
}

describe("a bundle of generated code", () => {
	it("holds the one reader that is imported", async () => {
		const code = await bundle(
			'import { PointReader } from "./everything.capnp.js"; console.log(new PointReader().getX());',
		);
		expect(code.match(/class \w+/g)).toEqual(["class PointReader"]);
		expect(code.match(/import \{[^}]*\}/g)?.join()).toMatch(/^import \{ StructReader( as [\w$]+)? \}$/);
		expect(code.length).toBeLessThan(600);
	});

	it("holds the table that is imported and the structs in it", async () => {
		const code = await bundle('import { Point } from "./everything.capnp.js"; console.log(Point.name);');
		expect(code.match(/class \w+/g)?.sort()).toEqual(["class PointBuilder", "class PointReader"]);
		expect(code.length).toBeLessThan(2000);
	});

	it("holds the client that is imported, without the server, and no plain objects", async () => {
		const code = await bundle('import { CallbackClient } from "./everything.capnp.js"; console.log(CallbackClient);');
		expect(code).toContain("class CallbackClient");
		expect(code).not.toMatch(/Server|MethodCall|structType|Device/);
		expect(code.length).toBeLessThan(2000);
	});

	it("holds the annotations and constants that are imported, and no others", async () => {
		const code = await bundle(
			'import { annotation } from "vatlet/runtime"; import { ColorAnnotations, mark, origin } from "./everything.capnp.js"; console.log(annotation(ColorAnnotations, mark), origin);',
		);
		expect(code).toContain("an enum");
		expect(code).not.toMatch(/an interface|the file|Device|Builder/);
		expect(code.match(/constantSegment\(/g)?.length).toBe(1);
	});

	it("holds of the runtime what a reader needs", async () => {
		const code = await bundle(
			'import { PointReader } from "./everything.capnp.js"; console.log(new PointReader().getX());',
			true,
		);
		expect(code).not.toMatch(/class (StructBuilder|Client|Server|Pools|MessagePool)\b/);
		expect(code.length).toBeLessThan(60_000);
	});
});
