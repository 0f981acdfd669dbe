import type UDP from "embedded:io/socket/udp";
import Timer from "timer";
import { fillEntropy } from "vatlet/system";
import {
	readSntpReply,
	SNTP_BYTES,
	SNTP_NONCE_BYTES,
	SNTP_OTHER,
	SNTP_PORT,
	writeSntpRequest,
} from "../../src/net/sntp-message.js";
import type Resolver from "./dns-resolver.js";
import type { ResolverOptions } from "./dns-resolver.js";
import { isIpv4, ServerAddress } from "./server-address.js";

const REPLY_MS = 2000;
/** Each server is asked so often. */
const TRIES = 3;

export interface NTPOptions {
	/** IPv4 addresses, or names where there is `dns`; with `:port` where that is not 123. Asked in this order. */
	servers: readonly string[];
	socket: { io: typeof UDP };
	/** How names are resolved. */
	dns?: ResolverOptions & { io: typeof Resolver };
}

/** `time` is Unix time in milliseconds; with an error there is none. */
export type TimeCallback = (error: Error | null, time?: number) => void;

/**
 * The time from the network, as ECMA-419 has it (`embedded:network/ntp/client`): SNTP, good to the time that a reply takes. It is not
 * authenticated, so it is for people and logs, not for deciding whom to trust.
 */
class NTP {
	readonly #io: typeof UDP;
	readonly #servers: ServerAddress[] = [];
	readonly #names: Resolver | null;
	readonly #nonce = new Uint8Array(SNTP_NONCE_BYTES);
	#callback: TimeCallback | null = null;
	#socket: UDP | null = null;
	#timer: Timer | undefined;
	#index = 0;
	#tries = 0;
	#address = "";
	#port = 0;

	/** Throws where there is no server, or one has no such address. */
	constructor(options: NTPOptions) {
		if (options.servers.length === 0) throw new TypeError("servers are missing");
		this.#io = options.socket.io;
		for (let i = 0; i < options.servers.length; i++)
			this.#servers.push(new ServerAddress(options.servers[i]!, SNTP_PORT));
		this.#names = options.dns === undefined ? null : new options.dns.io(options.dns);
	}

	/** One at a time: throws while one is under way. `callback` is called once, later; not after `close`. */
	getTime(callback: TimeCallback): void {
		if (this.#callback !== null) throw new TypeError("the time is being asked for already");
		this.#callback = callback;
		this.#index = 0;
		this.#timer = Timer.set(() => this.#ask(), 0);
	}

	close(): void {
		this.#callback = null;
		this.#names?.close();
		this.#rest();
	}

	#ask(): void {
		this.#rest();
		if (this.#index === this.#servers.length) return this.#end(new Error("no server said what time it is"));
		const { host, port } = this.#servers[this.#index++]!;
		this.#port = port;
		if (isIpv4(host)) this.#found(host);
		else if (this.#names === null) this.#ask();
		else
			this.#names.resolve({
				host,
				onResolved: (_host, address) => this.#found(address),
				onError: () => this.#ask(),
			});
	}

	#found(address: string): void {
		this.#address = address;
		this.#tries = 0;
		try {
			this.#socket = new this.#io({ onReadable: () => this.#read() });
		} catch (error) {
			return this.#end(error as Error);
		}
		this.#send();
	}

	#send(): void {
		if (this.#tries++ === TRIES) return this.#ask();
		const request = new Uint8Array(SNTP_BYTES);
		fillEntropy(this.#nonce);
		writeSntpRequest(request, this.#nonce);
		try {
			this.#socket!.write(this.#address, this.#port, request);
		} catch {
			// As if it had been lost on its way.
		}
		this.#timer = Timer.set(() => this.#send(), REPLY_MS);
	}

	/** Only the server that was asked may answer. */
	#read(): void {
		for (let packet = this.#socket!.read(); packet !== undefined; packet = this.#socket!.read()) {
			if (packet.address !== this.#address || packet.port !== this.#port) continue;
			const time = readSntpReply(new Uint8Array(packet), this.#nonce);
			if (time === SNTP_OTHER) continue;
			return time < 0 ? this.#ask() : this.#end(null, time);
		}
	}

	#rest(): void {
		this.#socket?.close();
		this.#socket = null;
		Timer.clear(this.#timer);
		this.#timer = undefined;
	}

	#end(error: Error | null, time?: number): void {
		this.#rest();
		const callback = this.#callback!;
		this.#callback = null;
		if (time === undefined) callback(error);
		else callback(null, time);
	}
}
export default NTP;
