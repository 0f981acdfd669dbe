import SocketListener from "embedded:io/socket/listener";
import { consistsOf, DIGITS } from "../../src/base/characters.js";
import type { PeerTransport } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";
import { socketError, TcpTransport } from "./tcp-transport.js";

/** A port that is listened on. */
export interface IpListening {
	readonly port: number;
	close(): void;
}

/** TCP streams for a network. Hosts are IPv4 literals: there is no resolver here. */
export class IpStreams {
	/** Throws where the host is no address, or there is no room for another stream. `name` is for people. */
	connect(host: string, port: number, name: string): PeerTransport {
		if (!isIpv4(host)) throw new RangeError("this host resolves no names; give an IPv4 address");
		return new TcpTransport({ address: host, port }, name);
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

/** Shape only: the socket knows the range. */
function isIpv4(text: string): boolean {
	const parts = text.split(".");
	for (let i = 0; i < parts.length; i++) if (!consistsOf(parts[i]!, DIGITS)) return false;
	return parts.length === 4;
}
