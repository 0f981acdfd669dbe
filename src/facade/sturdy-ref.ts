import type { RemoteObject } from "../cap/remote-types.js";
import { type CapnpUri, formatEndpoint, formatUri } from "../net/address.js";
import { digestText } from "../net/identity.js";
import type { LiveEvents, LiveReference } from "./live-reference.js";

/** What a sturdy ref asks of its vat. */
export interface SturdyRefHome<T extends RemoteObject> {
	connect(): T;
	reconnecting(events: LiveEvents<T>): LiveReference<T>;
}

/**
 * A reference that is no connection: it can be kept, printed to a file, used again after everything was restarted. Each way of using it says
 * what happens when the vat cannot be reached.
 *
 * Its `uri` is a secret. What `console.log` or a template shows of it is where and whose the service is, never which one.
 */
export class SturdyRef<T extends RemoteObject> {
	readonly #address: CapnpUri;
	readonly #home: SturdyRefHome<T>;

	constructor(address: CapnpUri, home: SturdyRefHome<T>) {
		this.#address = address;
		this.#home = home;
	}

	/** Whoever knows it may use the service. */
	get uri(): string {
		return formatUri(this.#address);
	}

	/** The service, once its vat was reached and has found it; rejects with the reason where not. Release it. */
	async connect(): Promise<T> {
		const service = this.#home.connect();
		try {
			await service.whenResolved();
		} catch (error) {
			service.release();
			throw error;
		}
		return service;
	}

	/** Connects, gives the service to `use`, and releases it whatever comes of that. Nothing is repeated. */
	async with<R>(use: (service: T) => R): Promise<Awaited<R>> {
		const service = await this.connect();
		try {
			return await use(service);
		} finally {
			service.release();
		}
	}

	/** A reference that comes back whenever the network does. */
	reconnecting(events: LiveEvents<T> = {}): LiveReference<T> {
		return this.#home.reconnecting(events);
	}

	/** For people and logs. */
	toString(): string {
		const { endpoint, digest } = this.#address;
		return `a service of ${digestText(digest)} at ${formatEndpoint(endpoint)}`;
	}

	/** As JSON it is its URI: this is how it is saved. */
	toJSON(): string {
		return this.uri;
	}

	[Symbol.for("nodejs.util.inspect.custom")](): string {
		return `SturdyRef { ${this.toString()} }`;
	}
}
