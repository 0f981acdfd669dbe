import { BrokenHook } from "../cap/broken.js";
import type { Call } from "../cap/call.js";
import type { ReturnHandler } from "../cap/call-roles.js";
import type { CapabilitySource, PipelineField } from "../cap/descriptor.js";
import { type Exception, NULL_CAPABILITY } from "../cap/exception.js";
import type { Hook } from "../cap/hook.js";
import { PipelinePath } from "../cap/pipeline-path.js";
import type { TableMethod } from "./interface-table.js";
import { exceptionOf, RpcError } from "./rpc-error.js";

/** How a pipelined capability becomes an object: takes the reference. */
export interface Wrapper extends CapabilitySource {
	wrap(hook: Hook, type: ReturnType<NonNullable<PipelineField["capability"]>>): unknown;
}

/**
 * One call on its way, for a promise.
 *
 * Life: sent → returned (results made into an object) or failed or aborted. The call is held until then, so that capabilities can be
 * taken out of it; afterwards they are those in the object.
 */
export class Invocation implements ReturnHandler {
	readonly promise: Promise<unknown>;
	readonly #method: TableMethod;
	readonly #wrapper: Wrapper;
	readonly #signal: AbortSignal | undefined;
	#call: Call | null = null;
	#value: unknown = undefined;
	#exception: Exception | null = null;
	/** Capabilities that were taken before the results came. */
	readonly #taken: Taken[] = [];
	#resolve!: (value: unknown) => void;
	#reject!: (reason: unknown) => void;

	constructor(method: TableMethod, wrapper: Wrapper, signal: AbortSignal | undefined) {
		this.#method = method;
		this.#wrapper = wrapper;
		this.#signal = signal;
		this.promise = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		const { pipeline } = method.type.results;
		if (pipeline.length > 0) this.#defineFields(this.promise, pipeline, []);
	}

	/** Takes the built call and sends it. */
	send(call: Call): void {
		this.#call = call;
		this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
		call.sendAndHold(this);
	}

	refuse(reason: unknown): void {
		this.#exception = exceptionOf(reason);
		this.#reject(reason);
		this.#end();
	}

	returned(call: Call): void {
		try {
			const { results } = this.#method.type;
			this.#value = results.toObject(call.readResults(this.#method.resultsReader), this.#wrapper);
			for (const taken of this.#taken) putTaken(this.#value, taken);
			this.#resolve(this.#value);
		} catch (error) {
			this.#exception = exceptionOf(error);
			this.#reject(error);
		}
		this.#end();
	}

	failed(_call: Call, exception: Exception): void {
		this.#exception = exception;
		this.#reject(RpcError.from(exception));
		this.#end();
	}

	readonly #onAbort = (): void => {
		if (this.#call === null) return;
		this.refuse(this.#signal!.reason);
	};

	#end(): void {
		const call = this.#call;
		this.#call = null;
		this.#signal?.removeEventListener("abort", this.#onAbort);
		if (call !== null) call.release();
	}

	/** Gives `target` a property for each capability, and for each struct with capabilities inside. */
	#defineFields(target: object, fields: readonly PipelineField[], path: readonly PipelineField[]): void {
		for (const field of fields) {
			if (field.name in target) continue;
			let made: unknown = undefined;
			Object.defineProperty(target, field.name, {
				enumerable: true,
				get: () => (made ??= this.#field([...path, field])),
			});
		}
	}

	#field(path: readonly PipelineField[]): unknown {
		const last = path[path.length - 1]!;
		if (last.capability === undefined) {
			const inside = {};
			this.#defineFields(inside, last.struct!().pipeline, path);
			return inside;
		}
		// Whoever calls through a field learns of the failure there.
		this.promise.catch(() => {});
		if (this.#exception !== null) return this.#wrapper.wrap(new BrokenHook(this.#exception), last.capability());
		// A null in the results is called like any other capability, and says so.
		if (this.#call === null)
			return valueAt(this.#value, path) ?? this.#wrapper.wrap(new BrokenHook(NULL_CAPABILITY), last.capability());
		const pipeline = new PipelinePath().of(this.#call);
		for (const field of path) if (field.pointerIndex >= 0) pipeline.field(field.pointerIndex);
		const hook = pipeline.take();
		const lacking = hook.resolved().broken !== null;
		const remote = this.#wrapper.wrap(hook, last.capability());
		// One that there was no room for is no reason to lose what comes in the results.
		if (!lacking) this.#taken.push({ path, remote });
		return remote;
	}
}

/** A capability that was taken from the promise: the caller's reference, which may be released already. */
interface Taken {
	readonly path: readonly PipelineField[];
	readonly remote: unknown;
}

/**
 * Puts what was taken in the place of what came: one reference, to be released once. With two, whoever pipelines and never looks at the
 * results would hold the capability until the garbage collector comes by.
 */
function putTaken(value: unknown, { path, remote }: Taken): void {
	const holder = valueAt(value, path.slice(0, -1)) as Record<string, unknown> | null | undefined;
	const { name } = path[path.length - 1]!;
	const came = holder?.[name];
	if (came === null || came === undefined) return;
	holder![name] = remote;
	(came as Disposable)[Symbol.dispose]();
}

function valueAt(value: unknown, path: readonly PipelineField[]): unknown {
	let at = value;
	for (const field of path) {
		if (at === null || at === undefined) return undefined;
		at = (at as Record<string, unknown>)[field.name];
	}
	return at;
}
