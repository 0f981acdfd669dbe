import type { Call } from "./call.js";
import type { ReturnHandler } from "./call-roles.js";
import type { Request } from "./client.js";
import type { Exception } from "./exception.js";

/** Is told when a stream that was full has room again, when all of it has arrived, or when it has failed. */
export interface StreamHandler {
	streamReady(stream: Stream): void;
	/** `done` was asked for: everything sent has been answered. */
	streamDone(stream: Stream): void;
	/** Once: a call failed. Nothing more can be sent. */
	streamFailed(stream: Stream, exception: Exception): void;
}

/** As in C++: what a connection over a continent keeps busy with. */
const WINDOW_BYTES = 65536;

/**
 * Flow control for `-> stream` methods of one capability: calls go out while what is not answered yet fits a window.
 *
 * Life: open → full ⇄ open → finishing (`done`) → done. Or failed, by the first call that fails; the rest is not sent.
 */
export class Stream implements ReturnHandler {
	readonly windowBytes: number;
	/** Bytes of params sent and not answered. */
	inFlightBytes = 0;
	exception: Exception | null = null;
	#calls = 0;
	#full = false;
	#finishing = false;
	readonly #handler: StreamHandler;

	constructor(handler: StreamHandler, windowBytes = WINDOW_BYTES) {
		this.#handler = handler;
		this.windowBytes = windowBytes;
	}

	/** Whether a call may be sent now. One that is bigger than the window may be sent alone. */
	get ready(): boolean {
		return this.exception === null && !this.#finishing && this.inFlightBytes < this.windowBytes;
	}

	/** Sends the request, or drops it where the stream has failed or is finishing. False: wait for `streamReady`. */
	send(request: Request): boolean {
		if (this.exception !== null || this.#finishing) {
			request.drop();
			return false;
		}
		const call = request.take();
		const bytes = call.params!.sizeWords * 8;
		call.streamBytes = bytes;
		this.inFlightBytes += bytes;
		this.#calls++;
		if (this.inFlightBytes >= this.windowBytes) this.#full = true;
		call.send(this);
		return this.ready;
	}

	/** Nothing more will be sent: `streamDone` follows when all is answered, perhaps at once. */
	done(): void {
		this.#finishing = true;
		this.settle();
	}

	returned(call: Call): void {
		this.answered(call);
		if (this.exception !== null) return;
		if (this.#full && this.ready) {
			this.#full = false;
			this.#handler.streamReady(this);
		}
		this.settle();
	}

	failed(call: Call, exception: Exception): void {
		this.answered(call);
		if (this.exception !== null) return;
		this.exception = exception;
		this.#handler.streamFailed(this, exception);
	}

	private answered(call: Call): void {
		this.inFlightBytes -= call.streamBytes;
		this.#calls--;
	}

	private settle(): void {
		if (this.#finishing && this.#calls === 0 && this.exception === null) this.#handler.streamDone(this);
	}
}
