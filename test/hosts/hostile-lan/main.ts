/**
 * Gets its address, a name's and the time from a network that means ill (`rounds` times), and says what that cost: bytes of the C heap at its peak, and the
 * engine's slots after a collection.
 */
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import NTP from "embedded:network/ntp/client";
import { nameServer } from "vatlet/name-server";
import { configValue } from "vatlet/machine";
import { exit, HEAP_PEAK, meter, print, SLOTS_RESERVED } from "vatlet/system";

const socket = { io: UDP };
const server = configValue("dns") ?? nameServer()!;
const dns = { io: Resolver, socket, servers: [server] };
let left = Number(configValue("rounds"));

print(`server ${server}`);

function ask(): void {
	if (left-- === 0) {
		print(JSON.stringify({ heapPeak: meter(HEAP_PEAK), slots: meter(SLOTS_RESERVED) }));
		exit(0);
	}
	const resolver = new Resolver(dns);
	const host = `host-${left}.test`;
	const found = (text: string) => {
		print(`${host} ${text}`);
		resolver.close();
		askTime();
	};
	resolver.resolve({ host, onResolved: (_host, address) => found(address), onError: () => found("unknown") });
}

function askTime(): void {
	const ntp = new NTP({ servers: [configValue("time") ?? server], socket, dns });
	ntp.getTime((error, time) => {
		ntp.close();
		print(error === null ? new Date(time!).toISOString() : error.message);
		ask();
	});
}

ask();
