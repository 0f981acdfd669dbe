import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeUtf8 } from "../../../src/base/utf8.js";
import { Packing, Unpacking } from "../../../src/wire/packed.js";
import { Cleanup } from "../../support/cleanup.node.js";
import { compileSanitized } from "../../support/sanitized.node.js";
import { Seeded } from "../../support/seeded.js";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const INPUTS = 20_000;
const DECODE = 1;
const PACK = 2;
const UNPACK = 3;

/** The C of modules/codec under AddressSanitizer and UBSan, against the TypeScript, with the same seeded input. */
describe("codec.c under the sanitizers", () => {
	const cleanup = Cleanup.afterAll();
	let folder = "";
	beforeAll(() => {
		folder = cleanup.folder();
		const sources = [join(root, "test/modules/codec/harness.c"), join(root, "modules/codec/codec.c")];
		compileSanitized(join(folder, "harness"), sources, [join(root, "modules/codec")]);
	});

	function answers(operation: number, inputs: { limit: number; bytes: Uint8Array }[]): Buffer[] {
		const records = inputs.map(({ limit, bytes }) => {
			const head = Buffer.alloc(9);
			head.writeUInt8(operation, 0);
			head.writeUInt32LE(limit, 1);
			head.writeUInt32LE(bytes.length, 5);
			return Buffer.concat([head, bytes]);
		});
		const input = Buffer.concat(records);
		const output = execFileSync(join(folder, "harness"), { input, maxBuffer: 1 << 28, timeout: 60_000 });
		const found: Buffer[] = [];
		for (let at = 0; at < output.length;) {
			const length = output.readUInt32LE(at);
			found.push(output.subarray(at + 4, at + 4 + length));
			at += 4 + length;
		}
		return found;
	}

	it("decodes any bytes as the script does, and encodes them back", () => {
		const random = new Seeded(1);
		const leads = [0, 0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xff];
		const inputs = Array.from({ length: INPUTS }, () => ({
			limit: 0,
			bytes: Uint8Array.from({ length: random.below(20) }, () => leads[random.below(leads.length)]!),
		}));
		const found = answers(DECODE, inputs);
		inputs.forEach(({ bytes }, i) => {
			const plain = Buffer.from(decodeUtf8(bytes, 0, bytes.length));
			// The engine keeps NUL as C0 80.
			const kept = Buffer.from(
				plain.toString("hex").replace(/(..)/g, (byte) => (byte === "00" ? "c080" : byte)),
				"hex",
			);
			expect(found[2 * i]!.equals(kept)).toBeTrue();
			expect(found[2 * i + 1]!.equals(plain)).toBeTrue();
		});
	});

	it("packs as the script does, in pieces of any size", () => {
		const random = new Seeded(2);
		const inputs = Array.from({ length: INPUTS }, () => ({ limit: 10 + random.below(60), bytes: words(random) }));
		const found = answers(PACK, inputs);
		inputs.forEach(({ bytes }, i) => {
			const packing = new Packing();
			const packed = new Uint8Array(bytes.length * 2 + 16);
			packing.pack(bytes, 0, bytes.length, packed, 0, packed.length);
			expect(found[i]!.equals(packed.subarray(0, packing.targetOffset))).toBeTrue();
		});
	});

	it("unpacks any bytes as the script does, never beyond its limit", () => {
		const random = new Seeded(3);
		const inputs = Array.from({ length: INPUTS }, () => ({ limit: random.below(300), bytes: words(random) }));
		const found = answers(UNPACK, inputs);
		inputs.forEach(({ bytes, limit }, i) => {
			const unpacking = new Unpacking();
			const plain = new Uint8Array(limit);
			unpacking.unpack(bytes, 0, bytes.length, plain, 0, limit);
			expect(found[i]!.equals(plain.subarray(0, unpacking.targetOffset))).toBeTrue();
		});
	});
});

/** Whole words with many zero bytes, few or any. */
function words(random: Seeded): Uint8Array {
	const kind = random.below(3);
	return Uint8Array.from({ length: 8 * random.below(12) }, () => {
		if (kind === 0) return random.chance(5) ? random.below(256) : 0;
		return kind === 1 && !random.chance(14) ? 1 + random.below(255) : random.below(256);
	});
}
