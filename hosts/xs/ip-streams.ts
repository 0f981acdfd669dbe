import SocketListener from "embedded:io/socket/listener";
import type { PeerTransport } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import type Resolver from "./dns-resolver.js";
import { isIpv4 } from "./server-address.js";
import { socketError, TcpTransport } from "./tcp-transport.js";

/** A port that is listened on. */
export interface IpListening {
	readonly port: number;
	close(): void;
}

/** TCP streams for a network. Hosts are IPv4 addresses, or names where there is a resolver. */
export class IpStreams {
	readonly #names: Resolver | null;

	constructor(names: Resolver | null) {
		this.#names = names;
	}

	/** The address of a host: at once for one that is an address, else later, or the reason why there is none. Throws where it cannot even be asked for. */
	find(host: string, found: (address: string) => void, failed: (reason: string) => void): void {
		if (isIpv4(host)) return found(host);
		if (this.#names === null) throw new RangeError("this host resolves no names; give an IPv4 address");
		this.#names.resolve({
			host,
			onResolved: (_host, address) => found(address),
			onError: () => failed("the name server knows no IPv4 address of that name, or does not answer"),
		});
	}

	/** Throws where there is no room for another stream. `name` is for people. */
	connect(address: string, port: number, name: string): PeerTransport {
		return new TcpTransport({ address, port }, name);
	}

	/** What a dial is told that took too long. */
	timeout(name: string): TransportError {
		return socketError("timeout", name)!;
	}

	/** Port 0: any free one. Throws where the port is taken. */
	listen(
		host: string,
		port: number,
		accepted: (stream: PeerTransport) => void,
		failed: (reason: string) => void,
	): IpListening {
		return new SocketListener({
			address: host,
			port,
			onReadable() {
				for (let socket = this.read(); socket !== undefined; socket = this.read())
					accepted(new TcpTransport({ from: socket }));
			},
			onError: failed,
		});
	}
}
