import type { Request } from "../cap/client.js";
import type { Exception } from "../cap/exception.js";
import { Stream, type StreamHandler } from "../cap/stream.js";
import { RpcError } from "./rpc-error.js";

interface Waiter {
	resolve(): void;
	reject(error: RpcError): void;
}

/**
 * The streaming calls of one reference: each resolves when there is room for another, and the first that fails fails all that follow.
 *
 * Life: open ⇄ full → finishing (`done`: nothing more is sent) → done. Or failed, for good.
 */
export class Streaming implements StreamHandler {
	readonly #stream: Stream;
	#waiting: Waiter[] = [];

	constructor(windowBytes: number | undefined) {
		this.#stream = new Stream(this, windowBytes);
	}

	get failed(): boolean {
		return this.#stream.exception !== null;
	}

	/** Takes the built request. */
	send(request: Request): Promise<void> {
		return this.#stream.send(request) ? Promise.resolve() : this.#wait();
	}

	/** When everything that was sent has been answered. Nothing can be sent any more. */
	done(): Promise<void> {
		const settled = this.#wait();
		this.#stream.done();
		return settled;
	}

	streamReady(): void {
		this.#resolveAll();
	}

	streamDone(): void {
		this.#resolveAll();
	}

	streamFailed(_stream: Stream, exception: Exception): void {
		for (const { reject } of this.#waiting.splice(0)) reject(RpcError.from(exception));
	}

	#resolveAll(): void {
		for (const { resolve } of this.#waiting.splice(0)) resolve();
	}

	#wait(): Promise<void> {
		const { exception } = this.#stream;
		if (exception !== null) return Promise.reject(RpcError.from(exception));
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}
}
