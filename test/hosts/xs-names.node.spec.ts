import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { Vat } from "vatlet";
import { Registry } from "../../examples/thermostat/thermostat.capnp.js";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";

/** 2026-07-01T12:00:00Z in NTP's seconds. */
const NOON = Date.UTC(2026, 6, 1, 12) / 1000 + 2_208_988_800;

/** The name that a question asks for, and what follows it. */
function asked(request: Buffer): string {
	const labels: string[] = [];
	for (let at = 12; request[at]! > 0; at += 1 + request[at]!)
		labels.push(request.toString("latin1", at + 1, at + 1 + request[at]!));
	return labels.join(".");
}

function dnsReply(request: Buffer, code: number, data: number[] | null): Buffer {
	const reply = Buffer.from(request);
	reply.writeUInt16BE(0x8180 | code, 2);
	if (data === null) return reply;
	reply.writeUInt16BE(1, 6);
	return Buffer.concat([reply, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, data.length, ...data])]);
}

for (const platform of ["linux", "qemu"] as const) {
	describe(`Names and the time on ${platform}`, () => {
		const host = platform === "qemu" ? "10.0.2.2" : "127.0.0.1";
		const address = host.split(".").map(Number);
		const cleanup = Cleanup.afterEach();
		let built: Built;
		let folder: string;
		let dns: Socket;
		let time: Socket;
		let stranger: Socket;
		let hub: Server;

		beforeAll(async () => {
			const manifest = join(packageRoot(), "test/hosts/xs-names/manifest.json");
			built = await build({ manifest, platform, release: true });
		}, 300_000);

		async function udpServer(answer: (request: Buffer, from: RemoteInfo, socket: Socket) => void): Promise<Socket> {
			const socket = cleanup.closing(createSocket("udp4"));
			socket.on("message", (request, from) => answer(request, from, socket));
			await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
			return socket;
		}

		beforeEach(async () => {
			folder = cleanup.folder();
			stranger = await udpServer(() => {});
			dns = await udpServer((request, from, socket) => {
				const send = (reply: Buffer, by = socket) => by.send(reply, from.port, from.address);
				const right = dnsReply(request, 0, address);
				if (asked(request) === "nowhere.test") return send(dnsReply(request, 3, null));
				// What a hostile network sends first: all of it leads elsewhere, and none may be believed.
				const evil = dnsReply(request, 0, [6, 6, 6, 6]);
				send(evil, stranger);
				const wrongId = Buffer.from(evil);
				wrongId.writeUInt16BE(request.readUInt16BE(0) ^ 1, 0);
				send(wrongId);
				const otherName = Buffer.from(evil);
				otherName[13] = otherName[13]! ^ 1;
				send(otherName);
				send(Buffer.alloc(0));
				send(Buffer.alloc(1400, 0xc0));
				send(right);
			});
			let tries = 0;
			time = await udpServer((request, from, socket) => {
				const reply = Buffer.alloc(48);
				reply[0] = 0x24;
				reply[1] = 2;
				reply.writeUInt32BE(NOON + 1000, 40);
				socket.send(reply, from.port, from.address); // without our number
				request.copy(reply, 24, 40, 48);
				stranger.send(reply, from.port, from.address);
				socket.send(reply.subarray(0, 47), from.port, from.address);
				reply.writeUInt32BE(NOON, 40);
				// The first is lost.
				if (tries++ > 0) socket.send(reply, from.port, from.address);
			});
			// Who ends is the device: a stream that ends as it begins may not count as dialled.
			hub = cleanup.server(createServer((socket) => socket.on("error", () => {}).resume()));
			await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
		});

		it("are had in spite of forged, cut and strange replies", async () => {
			const port = (socket: Socket) => socket.address().port;
			const hubName = `hub.test:${(hub.address() as AddressInfo).port}`;
			const vat = cleanup.closing(await Vat.listen("tcp:127.0.0.1:0", { secretKey: join(folder, "hub.pem") }));
			const uri = vat.publish("registry", Registry, { register: () => ({ registration: {} }) });
			const device = await BootedDevice.boot(cleanup, built, {
				config: {
					dns: `${host}:${port(dns)}`,
					time: `time.test:${port(time)}`,
					hub: hubName,
					vat: uri.replace("127.0.0.1", "vat.test"),
				},
				storePath: join(folder, "device"),
			});
			expect(await device.exited()).toBe(0);
			const { lines } = device;
			if (platform === "qemu") {
				expect(lines.shift()).toBe("network: 10.0.2.15 by DHCP");
				expect(lines[0]).toBe("server 10.0.2.3");
			}
			expect(lines.slice(1).filter((line) => !/^(this device|connected with)/.test(line))).toEqual([
				"RangeError: time.test:0 is no server's address",
				"RangeError: time.test:x is no server's address",
				"10.1.2.3 10.1.2.3",
				"nowhere.test unknown",
				"no name unknown",
				"time 2026-07-01T12:00:00.000Z true",
				`dialled ${hubName}`,
				`unreachable: nowhere.test:${hubName.slice(9)}: the name server knows no IPv4 address of that name, or does not answer`,
				"joined",
			]);
		}, 90_000);
	});
}
