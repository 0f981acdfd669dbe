import type { Call } from "../cap/call.js";
import type { CancelHandler } from "../cap/call-roles.js";
import type { CapabilitySink, CapabilitySource } from "../cap/descriptor.js";
import { DispatchResult } from "../cap/dispatch-result.js";
import { Exception, ExceptionType } from "../cap/exception.js";
import type { CallContext } from "../cap/remote-types.js";
import { Server } from "../cap/server.js";
import type { InterfaceTable, TableMethod } from "./interface-table.js";
import { exceptionOf } from "./rpc-error.js";
import { told } from "./told.js";

type Method = (params: unknown, context: CallContext) => unknown;

/**
 * Serves an object of plain or `async` methods, or a function for an interface of one method. Params come as plain objects; the references in them belong to the method.
 * When the last reference is gone, the object's `[Symbol.dispose]` is called, if it has one.
 */
export class LocalServer extends Server {
	readonly #table: InterfaceTable;
	readonly #implementation: Record<string, unknown>;
	readonly #capabilities: CapabilitySource & CapabilitySink;
	#waiting: (() => void)[] = [];

	constructor(table: InterfaceTable, implementation: object, capabilities: CapabilitySource & CapabilitySink) {
		super();
		this.#table = table;
		this.#implementation = implementation as Record<string, unknown>;
		this.#capabilities = capabilities;
	}

	override dispatch(call: Call, interfaceHigh: number, interfaceLow: number, methodId: number): number {
		const methods = this.#table.of(interfaceHigh, interfaceLow);
		if (methods === undefined) return DispatchResult.UNKNOWN_INTERFACE;
		const method = methods[methodId];
		if (method === undefined) return DispatchResult.UNKNOWN_METHOD;
		const { name } = method.type;
		const own: unknown = this.#implementation;
		const implementation = typeof own === "function" ? own : this.#implementation[name];
		if (typeof implementation === "function") this.#run(call, method, implementation as Method);
		else
			call.fail(new Exception(ExceptionType.UNIMPLEMENTED, `${this.#table.type.name}.${name} is not implemented here`));
		return DispatchResult.DONE;
	}

	/** Settles when nobody holds it. */
	whenReleased(): Promise<void> {
		if (this.hook.refs === 0) return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	override released(): void {
		for (const resolve of this.#waiting.splice(0)) resolve();
		const dispose = this.#implementation[Symbol.dispose as unknown as string];
		if (typeof dispose === "function") told(() => dispose.call(this.#implementation) as void);
	}

	#run(call: Call, method: TableMethod, implementation: Method): void {
		const context = new LocalContext();
		call.cancelHandler = context;
		let result: unknown;
		try {
			const params = method.type.params.toObject(call.readParams(method.paramsReader), this.#capabilities);
			call.releaseParams();
			result = implementation.call(this.#implementation, params, context);
		} catch (error) {
			call.fail(exceptionOf(error));
			return;
		}
		if (isThenable(result)) {
			result.then(
				(value) => this.#finish(call, method, value),
				(error: unknown) => call.fail(exceptionOf(error)),
			);
		} else this.#finish(call, method, result);
	}

	#finish(call: Call, method: TableMethod, result: unknown): void {
		const { results } = method.type;
		call.cancelHandler = null;
		try {
			call.initResults(method.resultsBuilder, results.dataWords, results.pointerCount);
			if (result !== undefined && result !== null)
				results.fromObject(result, method.resultsBuilder, this.#capabilities);
		} catch (error) {
			call.fail(exceptionOf(error));
			return;
		}
		call.done();
	}
}

/** Most methods never ask for the signal: it is made when they do. */
class LocalContext implements CallContext, CancelHandler {
	#controller: AbortController | null = null;
	#canceled = false;

	get signal(): AbortSignal {
		if (this.#controller === null) {
			this.#controller = new AbortController();
			if (this.#canceled) this.#abort();
		}
		return this.#controller.signal;
	}

	canceled(_call: Call): void {
		this.#canceled = true;
		if (this.#controller !== null) this.#abort();
	}

	#abort(): void {
		this.#controller!.abort(new Error("the caller wants no results any more"));
	}
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return value !== null && typeof value === "object" && typeof (value as { then?: unknown }).then === "function";
}
