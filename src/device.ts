/**
 * Entry point `vatlet/device`: a device that dials its hub and stays with it.
 *
 * ```ts
 * boot({
 *   machine: createMachine(),
 *   hub: config.hub,
 *   connected: (hub, pools) => register(new RegistryClient(pools, hub)),
 * });
 * ```
 */
import type { Exception } from "./cap/exception.js";
import type { Hook } from "./cap/hook.js";
import { Pools, type PoolsOptions } from "./cap/pools.js";
import type { Server } from "./cap/server.js";
import { parseUri } from "./net/address.js";
import { digestText } from "./net/identity.js";
import type { KeepaliveTimes } from "./net/keepalive.js";
import { Tracer } from "./net/tracer.js";
import type { Machine } from "./ports/machine.js";
import { type ConnectionLimits, DEVICE_LIMITS } from "./rpc/limits.js";
import { Reconnecting, type ReconnectingHandler } from "./vat/reconnecting.js";
import { type Restorer, SingleRestorer } from "./vat/restorer.js";
import { Vat, type VatObserver } from "./vat/vat.js";

export { AddressError, atEndpoint, formatUri, parseUri, type CapnpUri } from "./net/address.js";
export { digestText } from "./net/identity.js";
export type { Machine } from "./ports/machine.js";
export { DEVICE_LIMITS, type ConnectionLimits } from "./rpc/limits.js";
export { Reconnecting, type ReconnectingHandler, type ReconnectingOptions } from "./vat/reconnecting.js";
export { SingleRestorer, TableRestorer, type RestoreAnswer, type Restorer, unknownService } from "./vat/restorer.js";
export { ChainRestorer, type LoadAnswer, type Loader, LoaderRestorer } from "./vat/loader.js";
export { dump } from "./vat/dump.js";
export { save, type SaveHandler, WithSturdyRef } from "./vat/persistence.js";
export { RecordError, SavedStore } from "./vat/saved-store.js";
export { readSturdyRef, writeSturdyRef } from "./vat/sturdy-ref.js";
export { derivedId, generateId, publicId } from "./vat/service-id.js";
export { Vat, type VatObserver, type VatOptions } from "./vat/vat.js";

/** One hub, conversations of small messages: 12 messages of up to 4 KiB, of which most stay below 512 bytes. */
export const DEVICE_POOLS: PoolsOptions = Object.freeze({
	messages: Object.freeze({
		segmentWords: 64,
		messages: 12,
		segments: 12,
		wordsMax: 2048,
		messageWords: 512,
		limits: Object.freeze({ segments: 8, caps: 8 }),
	}),
	calls: 8,
	pipelined: 4,
});

export interface BootOptions {
	machine: Machine;
	/** Where the hub is and who it has to be: `capnp://sha-256:…@host:port/id`. */
	hub: string;
	/**
	 * The hub is there: `hub` is the service that the URI names (borrowed, good until `disconnected`), `pools` makes clients of it. Called
	 * again after each reconnection: whatever the hub was told before is forgotten there.
	 */
	connected(hub: Hook, pools: Pools): void;
	/** The hub is not there; the next attempt comes by itself. */
	disconnected?(reason: string): void;
	/** What the hub finds here when it asks for this device's bootstrap service. */
	serve?: Server;
	/** What peers find here by service id, in place of `serve`. */
	restorer?: Restorer;
	pools?: PoolsOptions;
	limits?: Partial<ConnectionLimits>;
	/** When a silent hub is asked for a sign of life, and how long that may take (default after 60,000 and 30,000 ms). `{ idleMs: Infinity }`: never. */
	keepalive?: Partial<KeepaliveTimes>;
	/** Prints every message on one line. */
	trace?: boolean;
}

/** What `boot` started. */
export interface Device {
	readonly vat: Vat;
	readonly pools: Pools;
	/** The hub's service, or null while it is away. Borrowed. */
	readonly hub: Hook | null;
	/** Ends it all. */
	close(): void;
}

/** Dials the hub, proves who we are, checks who it is, and comes back whenever the network does. Throws on a URI that is none. */
export function boot(options: BootOptions): Device {
	const uri = parseUri(options.hub);
	const { machine } = options;
	const pools = new Pools({ ...DEVICE_POOLS, ...options.pools });
	const serve = options.serve;
	const log = (line: string) => machine.log(line);
	const vat = new Vat({
		network: machine.network,
		clock: machine.clock,
		pools,
		identity: machine.identity,
		restorer: options.restorer ?? (serve === undefined ? null : new SingleRestorer(serve.hook)),
		limits: options.limits ?? DEVICE_LIMITS,
		sealed: true,
		segmentsMax: 8,
		peersMax: 2,
		keepalive: options.keepalive ?? {},
		observer: new DeviceObserver(log),
		trace: options.trace === true ? (name) => new Tracer(name, log) : null,
	});
	pools.seal();
	log("this device is " + digestText(machine.identity.digest));
	const device = new BootedDevice(vat, pools, options);
	device.reference = new Reconnecting({ vat, uri, clock: machine.clock, entropy: machine.entropy, handler: device });
	device.reference.start();
	return device;
}

class BootedDevice implements Device, ReconnectingHandler {
	reference: Reconnecting | null = null;
	readonly vat: Vat;
	readonly pools: Pools;
	readonly #options: BootOptions;

	constructor(vat: Vat, pools: Pools, options: BootOptions) {
		this.vat = vat;
		this.pools = pools;
		this.#options = options;
	}

	get hub(): Hook | null {
		return this.reference === null ? null : this.reference.hook;
	}

	close(): void {
		if (this.reference !== null) this.reference.stop();
		this.vat.close();
	}

	connected(hook: Hook): void {
		this.#options.connected(hook, this.pools);
	}

	disconnected(reason: Exception, retryMs: number): void {
		this.#options.machine.log("hub away: " + reason.reason + "; dialling again in " + Math.round(retryMs) + " ms");
		if (this.#options.disconnected !== undefined) this.#options.disconnected(reason.reason);
	}
}

class DeviceObserver implements VatObserver {
	readonly #log: (line: string) => void;

	constructor(log: (line: string) => void) {
		this.#log = log;
	}

	peerUp(peer: { readonly name: string }): void {
		this.#log("connected with " + peer.name);
	}
}
