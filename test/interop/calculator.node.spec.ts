import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { RpcError, Vat } from "vatlet";
import { Calculator } from "../../examples/calculator/calculator.capnp.js";
import { calculate, LocalCalculator } from "../../examples/calculator/calculator.js";
import { buildCalculator } from "./build-peer.js";
import { Cleanup } from "../support/cleanup.node.js";
import { within } from "../support/waiting.js";

describe("the calculator with the ids of C++'s own sample", () => {
	let program = "";
	const cleanup = Cleanup.afterEach();
	let folder: string;

	beforeAll(async () => {
		program = await buildCalculator();
	}, 240_000);
	beforeEach(() => void (folder = cleanup.folder()));

	it("has them", () => {
		expect([Calculator.idHigh, Calculator.idLow]).toEqual([0x97983392, 0xdf35cc36]);
	});

	for (const unix of [false, true]) {
		const where = unix ? "a Unix socket" : "TCP";

		it(
			"in C++ answers ours, over " + where,
			async () => {
				const path = join(folder, "theirs");
				const child: ChildProcess = spawn(program, ["serve", unix ? "unix:" + path : "127.0.0.1:0"], {
					stdio: ["ignore", "pipe", "inherit"],
				});
				cleanup.child(child);
				const [line] = (await within(once(child.stdout!, "data"), { what: "the calculator's port" })) as [Buffer];
				const vat = cleanup.closing(await Vat.open({ insecure: true }));
				const uri = unix ? `capnp://insecure@${path}/` : `capnp://insecure@127.0.0.1:${line.toString().trim()}`;
				const calculator = vat.connect(uri, Calculator);
				const lines: string[] = [];
				await calculate(calculator, (text) => lines.push(text));
				expect(lines).toEqual([
					"a literal: 123",
					"123 + 45 - 67: 101",
					"that × 2: 202",
					"f(12, 34): 1234",
					`2 to the power of (123 + 45): ${Math.pow(2, 168)}`,
				]);
				// A failure inside a function of ours comes back through the calculator with its reason.
				const failing = {
					call: () => {
						throw new RpcError("overloaded", "cannot today");
					},
				};
				const value = calculator.evaluate({ expression: { call: { function: failing, params: [] } } }).value;
				const error = (await value.read().catch((reason: unknown) => reason)) as RpcError;
				expect(error.type).toBe("overloaded");
				expect(error.message).toContain("cannot today");
				// It vanishes in the middle of a call.
				const hangs = { call: () => new Promise<never>(() => {}) };
				const never = calculator.evaluate({ expression: { call: { function: hangs, params: [] } } }).value.read();
				await calculator.evaluate({ expression: { literal: 1 } });
				child.kill("SIGKILL");
				const left = never.catch((reason: unknown) => reason);
				const gone = (await within(left, { what: "the call that hangs to break" })) as RpcError;
				expect(gone.type).toBe("disconnected");
				calculator.release();
			},
			90_000,
		);

		it(
			"in C++ is answered by ours, over " + where,
			async () => {
				const path = join(folder, "ours");
				const vat = cleanup.closing(await Vat.listen(unix ? "unix:" + path : "tcp:127.0.0.1:0", { insecure: true }));
				// Without a name: what a client gets that asks for none.
				vat.publish("", Calculator, new LocalCalculator());
				const address = unix ? "unix:" + path : new URL(vat.uriOf(new Uint8Array(0)).replace("capnp:", "http:")).host;
				const said = await new Promise<string>((resolve) => {
					execFile(program, ["check", address], { timeout: 60_000 }, (error, _stdout, stderr) =>
						resolve(error === null ? "" : stderr || String(error)),
					);
				});
				expect(said).toBe("");
			},
			90_000,
		);
	}
});
