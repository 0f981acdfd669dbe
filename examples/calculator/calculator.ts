import type {
	Calculator,
	CalculatorExpression,
	CalculatorFunction,
	CalculatorFunctionMethods,
	CalculatorMethods,
	CalculatorOperatorName,
	CalculatorValueMethods,
} from "./calculator.capnp.js";

/** Values and functions in expressions may be anybody's: ours, the client's, a third vat's. We only call them. */
async function evaluate(expression: CalculatorExpression, params: readonly number[]): Promise<number> {
	if (expression.literal !== undefined) return expression.literal;
	if (expression.parameter !== undefined) {
		const value = params[expression.parameter];
		if (value === undefined) throw new Error(`there is no parameter ${expression.parameter}`);
		return value;
	}
	if (expression.previousResult !== undefined) {
		if (expression.previousResult === null) throw new Error("previousResult is null");
		return (await expression.previousResult.read()).value;
	}
	const { call } = expression;
	if (call === undefined) throw new Error("this calculator does not know that kind of expression");
	if (call.function === null) throw new Error("the function is null");
	const operands = await Promise.all(call.params.map((operand) => evaluate(operand, params)));
	return (await call.function.call({ params: operands })).value;
}

/** Gives back the references in an expression. */
function release(expression: CalculatorExpression): void {
	expression.previousResult?.release();
	expression.call?.function?.release();
	for (const operand of expression.call?.params ?? []) release(operand);
}

class Value implements CalculatorValueMethods {
	readonly #value: Promise<number>;

	constructor(value: Promise<number>) {
		this.#value = value;
		// Whoever reads it hears of a failure; nobody has to.
		value.catch(() => {});
	}

	async read(): Promise<{ value: number }> {
		return { value: await this.#value };
	}
}

class DefinedFunction implements CalculatorFunctionMethods {
	readonly #count: number;
	readonly #body: CalculatorExpression;

	/** Takes the references in `body`. */
	constructor(count: number, body: CalculatorExpression) {
		this.#count = count;
		this.#body = body;
	}

	async call({ params }: { params: number[] }): Promise<{ value: number }> {
		if (params.length !== this.#count)
			throw new Error(`this function has ${this.#count} parameters, not ${params.length}`);
		return { value: await evaluate(this.#body, params) };
	}

	[Symbol.dispose](): void {
		release(this.#body);
	}
}

const OPERATORS: Readonly<Record<CalculatorOperatorName, (a: number, b: number) => number>> = Object.freeze({
	add: (a, b) => a + b,
	subtract: (a, b) => a - b,
	multiply: (a, b) => a * b,
	divide: (a, b) => a / b,
});

class Operator implements CalculatorFunctionMethods {
	readonly #compute: (a: number, b: number) => number;

	constructor(compute: (a: number, b: number) => number) {
		this.#compute = compute;
	}

	call({ params }: { params: number[] }): { value: number } {
		const [a, b] = params;
		if (a === undefined || b === undefined || params.length > 2) throw new Error("an operator has two parameters");
		return { value: this.#compute(a, b) };
	}
}

/** The server's object. */
export class LocalCalculator implements CalculatorMethods {
	/** Returns at once: the value is computed meanwhile. */
	evaluate({ expression }: { expression?: CalculatorExpression }): { value: Value } {
		if (expression === undefined) throw new Error("there is no expression");
		return { value: new Value(evaluate(expression, []).finally(() => release(expression))) };
	}

	defFunction({ paramCount, body }: { paramCount: number; body?: CalculatorExpression }): { func: DefinedFunction } {
		if (body === undefined) throw new Error("the function has no body");
		return { func: new DefinedFunction(paramCount, body) };
	}

	getOperator({ op }: { op: CalculatorOperatorName | number }): { func: Operator } {
		const compute = typeof op === "number" ? undefined : OPERATORS[op];
		if (compute === undefined) throw new Error(`unknown operator ${op}`);
		return { func: new Operator(compute) };
	}
}

/** The client's side of it: what C++'s sample client does, in the same order. */
export async function calculate(calculator: Calculator, print: (line: string) => void): Promise<void> {
	// One round trip: `read` goes to the value that `evaluate` will return.
	const literal = calculator.evaluate({ expression: { literal: 123 } }).value.read();
	print(`a literal: ${(await literal).value}`);

	// Still one: the operators are used in an expression before they are there.
	const add = calculator.getOperator({ op: "add" }).func;
	const subtract = calculator.getOperator({ op: "subtract" }).func;
	const sum = { call: { function: add, params: [{ literal: 123 }, { literal: 45 }] } };
	const difference = calculator.evaluate({
		expression: { call: { function: subtract, params: [sum, { literal: 67 }] } },
	}).value;
	print(`123 + 45 - 67: ${(await difference.read()).value}`);

	// A value is passed on without ever having been here.
	const multiply = calculator.getOperator({ op: "multiply" }).func;
	const product = calculator.evaluate({
		expression: { call: { function: multiply, params: [{ previousResult: difference }, { literal: 2 }] } },
	}).value;
	print(`that × 2: ${(await product.read()).value}`);

	// f(x, y) = x × 100 + y, made there.
	const scaled = { call: { function: multiply, params: [{ parameter: 0 }, { literal: 100 }] } };
	const f = calculator.defFunction({
		paramCount: 2,
		body: { call: { function: add, params: [scaled, { parameter: 1 }] } },
	}).func;
	const defined = calculator.evaluate({
		expression: { call: { function: f, params: [{ literal: 12 }, { literal: 34 }] } },
	}).value;
	print(`f(12, 34): ${(await defined.read()).value}`);

	// A function of ours, which the calculator calls back.
	const power = { call: ({ params }: { params: number[] }) => ({ value: Math.pow(params[0] ?? 0, params[1] ?? 0) }) };
	const raised = calculator.evaluate({
		expression: { call: { function: power, params: [{ literal: 2 }, sum] } },
	}).value;
	print(`2 to the power of (123 + 45): ${(await raised.read()).value}`);

	for (const reference of [add, subtract, multiply, difference, product, f, defined, raised])
		(reference as CalculatorFunction).release();
}
