import type { Call } from "../cap/call.js";
import type { Exception } from "../cap/exception.js";
import { Server } from "../cap/server.js";
import { toBase64Url } from "../base/base64url.js";
import type { Hashes } from "../ports/secure.js";
import { isUnknownService, type RestoreAnswer, type Restorer, unknownService } from "./restorer.js";

/** Makes services that are not in memory. `digest`: SHA-256 of the id, valid during the call only; what a store should be keyed by. */
export interface Loader {
	load(id: Uint8Array, digest: Uint8Array, answer: LoadAnswer): void;
}

/** Exactly one of the two, once, now or later. */
export interface LoadAnswer {
	/** `server` belongs to the restorer now: `released` tells it when nobody holds the service any more. */
	loaded(server: Server): void;
	/** Not remembered: who asks again causes another load. */
	reject(exception: Exception): void;
}

/**
 * Services that are loaded when somebody asks and forgotten when nobody holds them. One load at a time for each id, however many ask; all
 * who ask while the service lives get the same one.
 */
export class LoaderRestorer implements Restorer {
	readonly #loader: Loader;
	readonly #hashes: Hashes;
	readonly #entries = new Map<string, Entry>();
	readonly #digest = new Uint8Array(32);

	constructor(loader: Loader, hashes: Hashes) {
		this.#loader = loader;
		this.#hashes = hashes;
	}

	restore(id: Uint8Array, answer: RestoreAnswer): void {
		this.#hashes.sha256(id, 0, id.length, this.#digest, 0);
		const key = toBase64Url(this.#digest);
		let entry = this.#entries.get(key);
		if (entry !== undefined) {
			entry.ask(answer);
			return;
		}
		entry = new Entry(this.#entries, key);
		this.#entries.set(key, entry);
		entry.ask(answer);
		this.#loader.load(id, this.#digest, entry);
	}
}

/** Life: loading (askers wait) → loaded (held by those who use it) → released; or rejected. */
class Entry implements LoadAnswer {
	readonly #home: Map<string, Entry>;
	readonly #key: string;
	#waiting: RestoreAnswer[] = [];
	#loaded: Loaded | null = null;

	constructor(home: Map<string, Entry>, key: string) {
		this.#home = home;
		this.#key = key;
	}

	ask(answer: RestoreAnswer): void {
		if (this.#loaded === null) {
			this.#waiting.push(answer);
			return;
		}
		this.#loaded.hook.addRef();
		answer.grant(this.#loaded.hook);
	}

	loaded(server: Server): void {
		const loaded = new Loaded(server, this);
		this.#loaded = loaded;
		// Those who are told may release at once, and the last of them must not end it before all were told.
		loaded.hook.addRef();
		for (const answer of this.#take()) this.ask(answer);
		loaded.hook.release();
	}

	reject(exception: Exception): void {
		this.forget();
		for (const answer of this.#take()) answer.reject(exception);
	}

	forget(): void {
		if (this.#home.get(this.#key) === this) this.#home.delete(this.#key);
	}

	#take(): RestoreAnswer[] {
		const waiting = this.#waiting;
		this.#waiting = [];
		return waiting;
	}
}

/** The loaded server, watched for its end. */
class Loaded extends Server {
	readonly #server: Server;
	readonly #entry: Entry;

	constructor(server: Server, entry: Entry) {
		super();
		this.#server = server;
		this.#entry = entry;
	}

	override dispatch(call: Call, interfaceHigh: number, interfaceLow: number, methodId: number): number {
		return this.#server.dispatch(call, interfaceHigh, interfaceLow, methodId);
	}

	override released(): void {
		this.#entry.forget();
		this.#server.released();
	}
}

/** Restorers in a row, tables of tables: the first that knows the id answers. One that knows it and cannot serve it says so; nobody is asked then. */
export class ChainRestorer implements Restorer {
	readonly #restorers: readonly Restorer[];

	constructor(restorers: readonly Restorer[]) {
		this.#restorers = restorers;
	}

	restore(id: Uint8Array, answer: RestoreAnswer): void {
		this.#from(0, id, answer);
	}

	#from(index: number, id: Uint8Array, answer: RestoreAnswer): void {
		const restorer = this.#restorers[index];
		if (restorer === undefined) answer.reject(unknownService());
		else if (index === this.#restorers.length - 1) restorer.restore(id, answer);
		else
			restorer.restore(id, {
				grant: (hook) => answer.grant(hook),
				reject: (exception) =>
					isUnknownService(exception) ? this.#from(index + 1, id, answer) : answer.reject(exception),
			});
	}
}
