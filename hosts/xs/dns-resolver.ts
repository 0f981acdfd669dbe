import type UDP from "embedded:io/socket/udp";
import Timer from "timer";
import { fillEntropy } from "vatlet/system";
import {
	DNS_FAILED,
	DNS_MESSAGE_BYTES_MAX,
	DNS_NONE,
	DNS_OTHER,
	readDnsAnswer,
	writeDnsQuestion,
} from "../../src/net/dns-message.js";
import { isIpv4, ServerAddress } from "./server-address.js";

const DNS_PORT = 53;
const ANSWER_MS = 2000;
/** Each server is asked so often. */
const ROUNDS = 2;
/** Names that wait for their turn. */
const WAITING_MAX = 8;

export interface ResolverOptions {
	socket: { io: typeof UDP };
	/** IPv4 addresses, with `:port` where that is not 53; asked in this order. */
	servers: readonly string[];
}

export interface ResolveOptions {
	host: string;
	/** `address` is IPv4. */
	onResolved?(host: string, address: string): void;
	onError?(host: string): void;
}

interface Asked {
	readonly options: ResolveOptions;
	readonly question: Uint8Array;
}

/**
 * Host names to IPv4 addresses, as ECMA-419 has it (`embedded:network/dns/resolver/udp`). One name at a time, from a port and with a number
 * that nobody can foresee; of each request one callback is called, later, and none after `close`. Nothing is remembered.
 */
class Resolver {
	readonly #io: typeof UDP;
	readonly #servers: ServerAddress[] = [];
	readonly #waiting: Asked[] = [];
	#socket: UDP | null = null;
	#timer: Timer | undefined;
	#attempt = 0;
	#closed = false;

	constructor(options: ResolverOptions) {
		this.#io = options.socket.io;
		for (let i = 0; i < options.servers.length; i++)
			this.#servers.push(new ServerAddress(options.servers[i]!, DNS_PORT));
		if (this.#servers.length === 0) throw new TypeError("servers are missing");
	}

	/** Throws when too many names wait already. */
	resolve(options: ResolveOptions): void {
		if (this.#closed) throw new TypeError("the resolver is closed");
		if (this.#waiting.length === WAITING_MAX) throw new RangeError(`${WAITING_MAX} names wait already`);
		const question = new Uint8Array(DNS_MESSAGE_BYTES_MAX);
		const id = new Uint8Array(2);
		fillEntropy(id);
		const length = writeDnsQuestion(question, (id[0]! << 8) | id[1]!, options.host);
		this.#waiting.push({ options, question: question.slice(0, length) });
		if (this.#waiting.length === 1) this.#beginLater();
	}

	close(): void {
		this.#closed = true;
		this.#waiting.length = 0;
		this.#rest();
	}

	#beginLater(): void {
		this.#timer = Timer.set(() => this.#begin(), 0);
	}

	#begin(): void {
		const { options, question } = this.#waiting[0]!;
		if (isIpv4(options.host)) return this.#end(options.host);
		if (question.length === 0) return this.#end(null);
		this.#attempt = 0;
		try {
			this.#socket = new this.#io({ onReadable: () => this.#read() });
		} catch {
			return this.#end(null);
		}
		this.#send();
	}

	#server(): ServerAddress {
		return this.#servers[this.#attempt % this.#servers.length]!;
	}

	#send(): void {
		Timer.clear(this.#timer);
		if (this.#attempt === this.#servers.length * ROUNDS) return this.#end(null);
		try {
			this.#socket!.write(this.#server().host, this.#server().port, this.#waiting[0]!.question);
		} catch {
			// As if it had been lost on its way.
		}
		this.#timer = Timer.set(() => this.#next(), ANSWER_MS);
	}

	#next(): void {
		this.#attempt++;
		this.#send();
	}

	/** Only the server that was asked last may answer. */
	#read(): void {
		const { question } = this.#waiting[0]!;
		for (let packet = this.#socket!.read(); packet !== undefined; packet = this.#socket!.read()) {
			if (packet.address !== this.#server().host || packet.port !== this.#server().port) continue;
			const found = readDnsAnswer(question, question.length, new Uint8Array(packet));
			if (found === DNS_OTHER) continue;
			if (found === DNS_FAILED) return this.#next();
			return this.#end(found === DNS_NONE ? null : ipv4Text(found));
		}
	}

	#rest(): void {
		this.#socket?.close();
		this.#socket = null;
		Timer.clear(this.#timer);
		this.#timer = undefined;
	}

	#end(address: string | null): void {
		this.#rest();
		const { options } = this.#waiting.shift()!;
		if (this.#waiting.length > 0) this.#beginLater();
		if (address === null) options.onError?.(options.host);
		else options.onResolved?.(options.host, address);
	}
}
export default Resolver;

function ipv4Text(bits: number): string {
	return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}
