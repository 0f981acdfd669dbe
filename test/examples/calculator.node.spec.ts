import { RpcError, Vat } from "vatlet";
import { Calculator } from "../../examples/calculator/calculator.capnp.js";
import { LocalCalculator } from "../../examples/calculator/calculator.js";
import { main } from "../../examples/calculator/main.js";
import { Cleanup } from "../support/cleanup.node.js";

describe("the example calculator", () => {
	const cleanup = Cleanup.afterEach();

	it("evaluates, pipelines, defines functions and calls those of its client", async () => {
		const lines: string[] = [];
		await main(undefined, (line) => lines.push(line));
		expect(lines).toEqual([
			"a literal: 123",
			"123 + 45 - 67: 101",
			"that × 2: 202",
			"f(12, 34): 1234",
			`2 to the power of (123 + 45): ${Math.pow(2, 168)}`,
		]);
	});

	it("says what is wrong with an expression to whoever reads the value", async () => {
		const server = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { insecure: true }));
		const client = cleanup.closing(await Vat.open({ insecure: true }));
		using calculator = client.connect(server.publish("calculator", Calculator, new LocalCalculator()), Calculator);
		const value = calculator.evaluate({ expression: { parameter: 3 } }).value;
		await expectAsync(value.read()).toBeRejectedWithError(RpcError, "there is no parameter 3");
		const f = calculator.defFunction({ paramCount: 1, body: { parameter: 0 } }).func;
		await expectAsync(f.call({ params: [] })).toBeRejectedWithError(RpcError, "this function has 1 parameters, not 0");
		expect(await f.call({ params: [5] })).toEqual({ value: 5 });
	});
});
