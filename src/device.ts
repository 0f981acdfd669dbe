/**
 * Entry point `vatlet/device`: a device that dials its hub and stays with it (`boot`), or is dialled (`listen`).
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
import { AddressError, formatEndpoint, formatUri, parseListen, parseUri } from "./net/address.js";
import { digestText } from "./net/identity.js";
import type { KeepaliveTimes } from "./net/keepalive.js";
import { Tracer } from "./net/tracer.js";
import type { Machine } from "./ports/machine.js";
import type { Endpoint } from "./ports/network.js";
import type { TransportError } from "./ports/transport.js";
import { type ConnectionLimits, DEVICE_LIMITS } from "./rpc/limits.js";
import { Reconnecting, type ReconnectingHandler } from "./vat/reconnecting.js";
import { type Restorer, SingleRestorer, TableRestorer } from "./vat/restorer.js";
import { derivedId } from "./vat/service-id.js";
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

/** Of the vat of a device, however it meets others. */
export interface VatSettings {
	machine: Machine;
	pools?: PoolsOptions;
	limits?: Partial<ConnectionLimits>;
	/** When a silent peer is asked for a sign of life, and how long that may take (default after 60,000 and 30,000 ms). `{ idleMs: Infinity }`: never. */
	keepalive?: Partial<KeepaliveTimes>;
	/** Prints every message on one line. */
	trace?: boolean;
}

export interface BootOptions extends VatSettings {
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
	const { machine, serve } = options;
	const restorer = options.restorer ?? (serve === undefined ? null : new SingleRestorer(serve.hook));
	const vat = openVat(options, restorer, 2);
	const device = new BootedDevice(vat, options);
	device.reference = new Reconnecting({ vat, uri, clock: machine.clock, entropy: machine.entropy, handler: device });
	device.reference.start();
	return device;
}

export interface ListenOptions extends VatSettings {
	/** Where other vats dial this one: `tcp:HOST:PORT` (host 0.0.0.0: at every address that the machine has) or `serial:PATH`. */
	address: string;
	/** The address as others see it, for `publish`, where that is another one. */
	publicAddress?: string;
	/** Vats at the same time (default 2); further ones are turned away. */
	peers?: number;
}

/** What `listen` started. */
export interface ListeningDevice {
	readonly vat: Vat;
	readonly pools: Pools;
	/** The URI by which `server` is found, the same at each start: it is the permission, and not printed by itself. */
	publish(name: string, server: Server): string;
	/** New clients find it no more; who has a reference keeps it. */
	unpublish(name: string): boolean;
	/** Ends it all. */
	close(): void;
}

/** Waits for vats that dial this device; each proves who it is. Throws on an address that is none, or that nobody could dial. */
export function listen(options: ListenOptions): ListeningDevice {
	const endpoint = parseListen(options.address);
	const seen = options.publicAddress === undefined ? endpoint : parseListen(options.publicAddress);
	if (seen.kind === "tcp" && (seen.host === "0.0.0.0" || seen.port === 0))
		throw new AddressError(`nobody can dial ${formatEndpoint(seen)}: publicAddress says where others find this device`);
	const services = new TableRestorer(options.machine.hashes);
	const device = new ServingDevice(openVat(options, services, options.peers ?? 2), options.machine, services, seen);
	device.vat.listen(endpoint);
	return device;
}

function openVat(options: VatSettings, restorer: Restorer | null, peersMax: number): Vat {
	const { machine } = options;
	const pools = new Pools({ ...DEVICE_POOLS, ...options.pools });
	const log = (line: string) => machine.log(line);
	const vat = new Vat({
		network: machine.network,
		clock: machine.clock,
		pools,
		identity: machine.identity,
		restorer,
		limits: options.limits ?? DEVICE_LIMITS,
		sealed: true,
		segmentsMax: 8,
		peersMax,
		keepalive: options.keepalive ?? {},
		observer: new DeviceObserver(log),
		trace: options.trace === true ? (name) => new Tracer(name, log) : null,
	});
	pools.seal();
	log("this device is " + digestText(machine.identity.digest));
	return vat;
}

class ServingDevice implements ListeningDevice {
	readonly vat: Vat;
	readonly pools: Pools;
	readonly #machine: Machine;
	readonly #services: TableRestorer;
	readonly #seen: Endpoint;

	constructor(vat: Vat, machine: Machine, services: TableRestorer, seen: Endpoint) {
		this.vat = vat;
		this.pools = vat.pools;
		this.#machine = machine;
		this.#services = services;
		this.#seen = seen;
	}

	publish(name: string, server: Server): string {
		const { identity } = this.#machine;
		const id = derivedId(identity, name);
		this.#services.add(id, server.hook);
		return formatUri({ digest: identity.digest, endpoint: this.#seen, id });
	}

	unpublish(name: string): boolean {
		return this.#services.remove(derivedId(this.#machine.identity, name));
	}

	close(): void {
		this.vat.close();
	}
}

class BootedDevice implements Device, ReconnectingHandler {
	reference: Reconnecting | null = null;
	readonly vat: Vat;
	readonly pools: Pools;
	readonly #options: BootOptions;

	constructor(vat: Vat, options: BootOptions) {
		this.vat = vat;
		this.pools = vat.pools;
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
		const next = retryMs === Infinity ? "" : "; dialling again in " + Math.round(retryMs) + " ms";
		this.#options.machine.log("hub away: " + reason.reason + next);
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
	listening(endpoint: Endpoint): void {
		this.#log("listening at " + formatEndpoint(endpoint));
	}
	listenFailed(error: TransportError): void {
		this.#log(error.message);
	}
	rejected(error: TransportError): void {
		this.#log(error.message);
	}
}
