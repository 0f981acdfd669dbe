/**
 * Entry point `vatlet`: vats for Node, with promises and plain objects.
 *
 * ```ts
 * await using vat = await Vat.listen("tcp:0.0.0.0:7000", { secretKey: "hub.pem" });
 * console.log(vat.publish("registry", Registry, new MyRegistry()));
 * ```
 */
import { resolve } from "node:path";
import { PromiseVat, type VatSettings } from "../../src/facade/vat.js";
import { parseListen } from "../../src/net/address.js";
import type { Endpoint } from "../../src/ports/network.js";
import { NodeClock } from "./clock.js";
import { NodeEntropy, NodeHashes } from "./entropy.js";
import { NodeIdentity } from "./identity.js";
import { NodeNetwork } from "./net.js";

export { RpcError } from "../../src/facade/rpc-error.js";
export type { RpcErrorType } from "../../src/cap/remote-types.js";
export { LiveReference, type LiveEvents } from "../../src/facade/live-reference.js";
export type { Resolver } from "../../src/facade/resolver.js";
export { SturdyRef } from "../../src/facade/sturdy-ref.js";
export { SchemaTypes, type Decoded } from "../../src/reflect/schema-types.js";
export { SavedObjects } from "../../src/facade/saved-objects.js";
export { service, type LoadedService, type VatEvents, type VatSettings } from "../../src/facade/vat.js";
export { AddressError, formatUri, parseUri, type CapnpUri } from "../../src/net/address.js";
// What a vat is made of, for programs that put it together themselves: over a stream of their own, or without the facade.
export { Channel, type ChannelObserver, type ChannelOptions } from "../../src/net/channel.js";
export type { Delays } from "../../src/net/delayed-transport.js";
export { FaultInjector, type FaultPlan } from "../../src/net/fault-injector.js";
export { Loopback } from "../../src/net/loopback.js";
export { MemoryNetwork } from "../../src/net/memory-network.js";
export { PortTransport, type PortLike } from "../../src/net/port-transport.js";
export { Tracer } from "../../src/net/tracer.js";
export { Connection, type ConnectionOptions } from "../../src/rpc/connection.js";
export type { Transport, TransportEvents } from "../../src/ports/transport.js";
export type { TransportError } from "../../src/ports/transport.js";
export { digestText, parseDigest } from "../../src/net/identity.js";
export { loadCapFile, saveCapFile } from "./cap-file.js";
export { secureStream, SecureStreamError, type SecureStreamOptions } from "./secure-stream.js";
export { FileStore } from "./files.js";
export { addVatOptions, chosenVat, type ChosenVat } from "./options.js";
export { createKeyFile, KeyError, NodeIdentity } from "./identity.js";
export { createMachine, type NodeMachineOptions } from "./machine.js";
export { NodeClock, NodeEntropy, NodeHashes, NodeNetwork };

export interface VatOptions extends VatSettings {
	/** PEM file with the vat's secret key, made (mode 0600) when it does not exist. Without one the identity lasts for this run. */
	secretKey?: string;
	/** An identity that the program made itself, instead of `secretKey`. */
	identity?: NodeIdentity;
	/** Plaintext, without identities: for tests and for networks that are one machine. */
	insecure?: boolean;
	/** Speed of a serial line in bits per second (default 115,200). */
	baud?: number;
	/** Is given what a device prints on the serial line that it is connected by, line by line. */
	onConsoleLine?: (line: string) => void;
	/** The listen address as others see it, when that differs: `tcp:hub.example:7000`. */
	publicAddress?: string;
}

/** A vat in this process. */
export class Vat extends PromiseVat {
	/** Opens a vat that listens at `tcp:HOST:PORT` (port 0: any), `unix:PATH` or `serial:PATH`. */
	static async listen(address: string, options: VatOptions = {}): Promise<Vat> {
		const endpoint = absolute(parseListen(address));
		const seen = options.publicAddress === undefined ? null : absolute(parseListen(options.publicAddress));
		const vat = await Vat.open(options);
		await vat.listenAt(endpoint, seen);
		return vat;
	}

	/** Opens a vat that only dials. */
	static async open(options: VatOptions = {}): Promise<Vat> {
		const identity = options.insecure ? null : await identityOf(options);
		const { baud, onConsoleLine } = options;
		const network = new NodeNetwork({
			...(baud === undefined ? {} : { baud }),
			...(onConsoleLine === undefined ? {} : { onConsoleLine }),
		});
		return new Vat(
			{ network, clock: new NodeClock(), hashes: new NodeHashes(), entropy: new NodeEntropy(), identity },
			options,
		);
	}
}

/** A URI has the whole path of a socket, wherever its reader is. */
function absolute(endpoint: Endpoint): Endpoint {
	return endpoint.kind === "unix" ? { kind: "unix", path: resolve(endpoint.path) } : endpoint;
}

function identityOf(options: VatOptions): Promise<NodeIdentity> {
	if (options.identity !== undefined) return Promise.resolve(options.identity);
	return options.secretKey === undefined ? NodeIdentity.create() : NodeIdentity.loadOrCreate(options.secretKey);
}
