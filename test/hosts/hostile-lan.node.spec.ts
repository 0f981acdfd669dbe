import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { join } from "node:path";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { Seeded } from "../support/seeded.js";
import { ACK, DISCOVER, hostile, honest, messageType, NAK, OFFER, REQUEST } from "./hostile-lan/dhcp.node.js";
import { addressBytes, Lan, type UdpPacket } from "./hostile-lan/lan.node.js";
import { dnsAnswer, dnsForgeries, dnsNonsense, timeAnswer, timeForgeries } from "./hostile-lan/names.node.js";

const SERVER = "10.9.0.1";
const DEVICE = "10.9.0.77";
const EVIL = "10.9.0.66";
const HUB = [10, 9, 0, 5];
const NONSENSE = 9;
/** All the memory that the machine has, and the engine on Linux, which takes it by the megabyte: a hostile network finds no more. */
const RAM_BYTES = 200 * 1024;
const ENGINE_BYTES = 3 * 1024 * 1024;
const FLOOD = 3000;

interface Figures {
	heapPeak: number;
	slots: number;
}

/** What the program says of names and of the time, `rounds` times, and at the end of memory. */
function check(lines: string[], rounds: number): Figures {
	const said = lines.filter((line) => !line.startsWith("network:") && !line.startsWith("server "));
	const due: string[] = [];
	for (let left = rounds - 1; left >= 0; left--)
		due.push(`host-${left}.test ${HUB.join(".")}`, "2026-07-01T12:00:00.000Z");
	expect(said.slice(0, -1)).toEqual(due);
	return JSON.parse(said.at(-1)!) as Figures;
}

/** Answers a question honestly, after `before`; the first time that it is asked, with the round's nonsense. */
class NameServer {
	#asked = "";
	#round = 0;

	answers(question: Buffer): Buffer[] {
		const again = question.toString("latin1", 2) === this.#asked;
		this.#asked = question.toString("latin1", 2);
		const right = dnsAnswer(question, HUB);
		if (again) return [right];
		const round = this.#round++;
		const nonsense = dnsNonsense(question)[round];
		return [...dnsForgeries(question, round === 0 ? FLOOD : 100), nonsense ?? right];
	}
}

for (const platform of ["linux", "qemu"] as const) {
	describe(`A hostile network around a device on ${platform}`, () => {
		const cleanup = Cleanup.afterEach();
		let built: Built;

		beforeAll(async () => {
			const manifest = join(packageRoot(), "test/hosts/hostile-lan/manifest.json");
			built = await build({ manifest, platform, release: true });
		}, 300_000);

		if (platform === "linux") {
			async function server(answers: (request: Buffer) => Buffer[]): Promise<number> {
				const socket = cleanup.closing(createSocket("udp4"));
				socket.on("message", (request: Buffer, from: RemoteInfo) => sendAll(socket, answers(request), from));
				await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
				return socket.address().port;
			}

			it("changes neither names nor the time, and takes no more memory than there is", async () => {
				const names = new NameServer();
				const dns = await server((question) => names.answers(question));
				const time = await server((request) => [...timeForgeries(request, 200), timeAnswer(request)]);
				const rounds = NONSENSE + 1;
				const device = BootedDevice.onLinux(cleanup, {
					executable: built.executable,
					storePath: join(cleanup.folder(), "store"),
					memoryBytes: ENGINE_BYTES,
					config: { dns: `127.0.0.1:${dns}`, time: `127.0.0.1:${time}`, rounds: String(rounds) },
				});
				expect(await device.exited()).toBe(0);
				check(device.lines, rounds);
			});
			return;
		}

		/** Runs the program on a segment where `answer` is everybody else. */
		async function run(
			rounds: number,
			answer: (lan: Lan, packet: UdpPacket) => void,
			until = cleanup,
		): Promise<string[]> {
			const lan = until.closing(await Lan.open());
			lan.onUdp = (packet) => answer(lan, packet);
			const device = await BootedDevice.inQemu(until, {
				image: built.image,
				storePath: join(until.folder(), "store"),
				ramBytes: RAM_BYTES,
				lanPort: lan.port,
				config: { rounds: String(rounds) },
			});
			expect(await device.exited()).toBe(0);
			return device.lines;
		}

		function back({ to, fromPort, toPort }: UdpPacket, data: Buffer, from = to): UdpPacket {
			return { from, to: DEVICE, fromPort: toPort, toPort: fromPort, data };
		}

		function leases(lan: Lan, packet: UdpPacket): boolean {
			if (packet.toPort !== 67) return false;
			const type = messageType(packet.data) === DISCOVER ? OFFER : ACK;
			lan.udp({ ...back(packet, honest(packet.data, type, DEVICE, SERVER), SERVER), to: "255.255.255.255" });
			return true;
		}

		/** As a well-meant segment has them, one for each question. */
		function serves(lan: Lan, packet: UdpPacket): void {
			if (leases(lan, packet)) return;
			if (packet.toPort === 53) lan.udp(back(packet, dnsAnswer(packet.data, HUB)));
			else if (packet.toPort === 123) lan.udp(back(packet, timeAnswer(packet.data)));
		}

		const suite = Cleanup.afterAll();
		let calm: Figures;
		beforeAll(async () => {
			calm = check(await run(NONSENSE + 1, serves, suite), NONSENSE + 1);
		});

		/** Two of the largest datagrams may wait to be read; nothing else may be more than where everybody means well. */
		function expectBounded({ heapPeak, slots }: Figures): void {
			console.log(
				`    C heap ${heapPeak} bytes at most (${calm.heapPeak} in a calm network), slots ${slots} (${calm.slots})`,
			);
			expect(heapPeak).toBeLessThan(calm.heapPeak + 2 * 1600);
			expect(slots).toBeLessThan(calm.slots + 500);
		}

		it("is not believed by its DHCP: cut, damaged, endless and foreign leases are passed over, a refusal begins anew", async () => {
			let refusals = 3;
			const lines = await run(1, (lan, packet) => {
				if (packet.toPort !== 67) return serves(lan, packet);
				const kind = messageType(packet.data);
				const type = kind === DISCOVER ? OFFER : ACK;
				const to = "255.255.255.255";
				for (const data of hostile(packet.data, type, "6.6.6.6", EVIL)) lan.udp({ ...back(packet, data, EVIL), to });
				if (kind === REQUEST && refusals-- > 0)
					lan.udp({ ...back(packet, honest(packet.data, NAK, "0.0.0.0", SERVER), SERVER), to });
				else leases(lan, packet);
			});
			expect(lines[0]).toBe(`network: ${DEVICE} by DHCP`);
			expect(lines[1]).toBe(`server ${SERVER}`);
			expectBounded(check(lines, 1));
		});

		it("is not believed by its names and its time, however many forgeries there are", async () => {
			const names = new NameServer();
			const lines = await run(NONSENSE + 1, (lan, packet) => {
				if (leases(lan, packet)) return;
				const forged = packet.toPort === 123 ? timeForgeries(packet.data, 300) : dnsForgeries(packet.data, 300);
				const right = packet.toPort === 123 ? timeAnswer(packet.data) : dnsAnswer(packet.data, HUB);
				// Right in all but who sends them, or from where.
				lan.udp(back(packet, right.fill(6, right.length - 4), EVIL));
				lan.udp({ ...back(packet, right), fromPort: packet.toPort + 1 });
				for (const data of forged) lan.udp(back(packet, data));
				if (packet.toPort === 123) lan.udp(back(packet, timeAnswer(packet.data)));
				else for (const data of names.answers(packet.data)) lan.udp(back(packet, data));
			});
			expectBounded(check(lines, NONSENSE + 1));
		});

		it("has frames without sense, to every layer, that stop nothing", async () => {
			const random = new Seeded(894);
			const noise = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)));
			function storm(lan: Lan, packet: UdpPacket): void {
				const some = back(packet, noise(random.below(1400)));
				for (let length = 0; length < 60; length++) lan.frame(Buffer.concat([lan.mac, noise(length)]));
				for (let i = 0; i < 100; i++) lan.ethernet(random.chance(2) ? 0x0806 : 0x0800, noise(random.below(1500)));
				// Who has what, at which hardware: all of it new each time.
				for (let i = 0; i < 200; i++) {
					const head = Buffer.from([0, 1, 8, 0, 6, 4, 0, 1 + random.below(2)]);
					const sender = Buffer.concat([noise(6), addressBytes(`10.9.${1 + random.below(200)}.${random.below(256)}`)]);
					lan.ethernet(0x0806, Buffer.concat([head, sender, lan.mac, addressBytes(DEVICE), Buffer.alloc(18)]));
				}
				// Headers that claim more, or less, than there is; pieces of datagrams; options; other protocols.
				for (const [at, value] of [
					[0, 0x4f],
					[0, 0x41],
					[0, 0x65],
					[2, 0xff],
					[3, 1],
					[6, 0x20],
					[6, 0x3f],
					[9, 6],
					[9, 1],
					[9, 17],
					[24, 0xff],
					[25, 1],
					[25, 0],
				] as const)
					// prettier-ignore
					for (let i = 0; i < 10; i++) lan.udp(some, (ip) => (ip[at] = value));
				for (let i = 0; i < 300; i++)
					lan.udp({ ...some, data: noise(random.below(200)), toPort: random.below(65_536) });
			}
			const lines = await run(3, (lan, packet) => {
				storm(lan, packet);
				serves(lan, packet);
			});
			expectBounded(check(lines, 3));
		});
	});
}

function sendAll(socket: Socket, messages: Buffer[], to: RemoteInfo): void {
	for (const message of messages) socket.send(message, to.port, to.address);
}
