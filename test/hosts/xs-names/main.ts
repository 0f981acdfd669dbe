/** Asks for the time, dials and joins a hub, all by name: `time`, `hub` (NAME:PORT), `vat` (a URI), `dns` of the boot configuration. */
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import NTP from "embedded:network/ntp/client";
import Time from "time";
import { nameServer } from "vatlet/name-server";
import { boot } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { exit, print } from "vatlet/system";

const machine = createMachine();
const [hub, port] = configValue("hub")!.split(":");
const socket = { io: UDP };
const dns = { io: Resolver, socket, servers: [configValue("dns")!] };
print(`server ${nameServer()}`);

function resolve(host: string, then: () => void): void {
	const resolver = new Resolver(dns);
	const end = (text: string) => {
		print(`${host} ${text}`);
		resolver.close();
		then();
	};
	resolver.resolve({ host, onResolved: (_host, address) => end(address), onError: () => end("unknown") });
}

function askTime(then: () => void): void {
	const ntp = new NTP({ servers: ["nowhere.test", configValue("time")!], socket, dns });
	ntp.getTime((error, time) => {
		ntp.close();
		if (error === null) Time.set(time! / 1000);
		print(error === null ? `time ${new Date(time!).toISOString()} ${Date.now() - time! < 1000}` : error.message);
		then();
	});
}

for (const server of ["time.test:0", "time.test:x"])
	try {
		new NTP({ servers: [server], socket });
	} catch (error) {
		print(String(error));
	}

function dial(host: string, then: () => void): void {
	machine.network.dial({ kind: "tcp", host, port: Number(port) }, null, null, 5000, {
		dialled: (stream) => {
			print(`dialled ${stream.peerName}`);
			stream.close();
			then();
		},
		failed: (error) => {
			print(`${error.kind}: ${error.message}`);
			then();
		},
	});
}

function join(): void {
	boot({
		machine,
		hub: configValue("vat")!,
		connected() {
			print("joined");
			exit(0);
		},
	});
}

resolve("10.1.2.3", () =>
	resolve("nowhere.test", () => resolve("no name", () => askTime(() => dial(hub!, () => dial("nowhere.test", join))))),
);
