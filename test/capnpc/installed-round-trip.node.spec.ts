import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fromJson, MessagePool, readMessage, type StructType, toJson } from "vatlet/runtime";
import { generate } from "../../src/capnpc/compile.js";
import { capnp, ROOT } from "../support/capnp-tool.node.js";
import { emptyFolder, importFile, writeJavaScript } from "../support/generated.node.js";
import { randomObject } from "../support/random-object.js";
import { Seeded } from "../support/seeded.js";

const INSTALLED = ["schema", "rpc", "rpc-twoparty", "persistent", "stream", "c++", "compat/json"]
	.map((name) => `/usr/include/capnp/${name}.capnp`)
	.filter((path) => existsSync(path));
const OWN = execFileSync("git", ["ls-files", "examples/*.capnp", "test/capnpc/generics.capnp"], {
	cwd: ROOT,
	encoding: "utf8",
})
	.trim()
	.split("\n");

/** `capnp convert`, quiet, since it takes a message of a few bytes for one in another form. */
function convert(forms: string, schema: string, type: string, input: Uint8Array | string): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const child = execFile(
			"capnp",
			["convert", "--quiet", forms, schema, type],
			{ cwd: ROOT, encoding: "buffer", timeout: 60_000 },
			(error, stdout) => {
				if (error) reject(error);
				else resolve(stdout);
			},
		);
		child.stdin!.end(input);
	});
}

function encode(type: StructType<unknown>, fill: (builder: ReturnType<typeof type.createBuilder>) => void): Uint8Array {
	const message = new MessagePool().take()!;
	fill(message.initRoot(type.createBuilder(), type.dataWords, type.pointerCount));
	return message.toBytes();
}

function jsonOf(type: StructType<unknown>, bytes: Uint8Array): unknown {
	return JSON.parse(toJson(type, readMessage(bytes).readRoot(type.createReader())));
}

const ANY_JSON = { object: [{ name: "a", value: { array: [{ number: 1.5 }, { null: null }] } }, { name: "b" }] };

/** Of compat/json.capnp, whose values are written as the JSON that they stand for: some that are JSON. */
const JSON_VALUES: Partial<Record<string, readonly object[]>> = {
	Value: [{ null: null }, { boolean: false }, { string: 'a"b' }, ANY_JSON],
	"Value.Field": [{ name: "x", value: ANY_JSON }],
	"Value.Call": [{ function: "f", params: [{ string: "" }, ANY_JSON] }],
};

/** Random values of `type` through every form of the tool and back, and through ours. */
async function roundTrip(schema: string, type: StructType<unknown>): Promise<void> {
	const given = schema.endsWith("compat/json.capnp") ? JSON_VALUES[type.name] : undefined;
	for (const object of given ?? [randomObject(new Seeded(type.idLow), type)]) await roundTripOf(schema, type, object);
}

async function roundTripOf(schema: string, type: StructType<unknown>, object: unknown): Promise<void> {
	const bytes = encode(type, (builder) => type.fromObject(object as never, builder));
	const ours = jsonOf(type, bytes);
	const context = `${schema}: ${type.name}`;
	const theirs = await convert("binary:json", schema, type.name, bytes);
	expect(JSON.parse(theirs.toString())).withContext(context).toEqual(ours);
	const again = encode(type, (builder) => fromJson(type, theirs.toString(), builder));
	expect(jsonOf(type, again)).withContext(`${context} as JSON`).toEqual(ours);
	const backs = ["json", "text", "packed"].map(async (form) => {
		const there = form === "json" ? theirs : await convert(`binary:${form}`, schema, type.name, bytes);
		const back = await convert(`${form}:binary`, schema, type.name, there);
		expect(jsonOf(type, back)).withContext(`${context} as ${form}`).toEqual(ours);
	});
	await Promise.all(backs);
}

/** The structs of a module that the tool knows by name: groups and what a method's parentheses make have none. */
function namedStructs(module: Record<string, unknown>, groups: ReadonlySet<string>): StructType<unknown>[] {
	return Object.values(module).filter(
		(each): each is StructType<unknown> =>
			typeof each === "object" &&
			each !== null &&
			"discriminantAt" in each &&
			!(each as StructType<unknown>).name.includes("$") &&
			!groups.has((each as StructType<unknown>).name),
	);
}

function groupsOf(types: readonly StructType<unknown>[]): Set<string> {
	const names = new Set<string>();
	for (const type of types)
		for (const field of type.fields())
			if (typeof field.type === "object" && "group" in field.type) names.add(field.type.group().name);
	return names;
}

async function roundTripAll(folder: string, schemas: readonly string[], prefix: string): Promise<number> {
	const request = capnp(["compile", "-o-", ...(prefix === "" ? [] : [`--src-prefix=${prefix}`]), ...schemas]);
	const files = generate(request, { schema: false }).map((file) => writeJavaScript(folder, file));
	let count = 0;
	for (const [i, file] of files.entries()) {
		const module = await importFile(file);
		const groups = groupsOf(namedStructs(module, new Set()));
		const structs = namedStructs(module, groups);
		count += structs.length;
		for (const type of structs) await roundTrip(schemas[i]!, type);
	}
	return count;
}

describe("random values through the capnp tool and back, as binary, packed, JSON and text", () => {
	it("keep every field of Cap'n Proto's own schemas", async () => {
		expect(INSTALLED.length).toBeGreaterThanOrEqual(6);
		const count = await roundTripAll(emptyFolder("installed"), INSTALLED, dirname(dirname(INSTALLED[0]!)));
		expect(count).toBeGreaterThan(50);
	}, 240_000);

	it("keep every field of the examples' schemas", async () => {
		expect(await roundTripAll(emptyFolder("examples"), OWN, "")).toBeGreaterThan(5);
	}, 120_000);
});
