/** An Ethernet segment with one device on it and, at every address, us: what a spec wants to say, down to the last bit of a frame. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

const ARP = 0x0806;
const IPV4 = 0x0800;
const UDP = 17;
const OUR_MAC = Buffer.from([2, 0, 0, 0, 0, 1]);

export interface UdpPacket {
	from: string;
	to: string;
	fromPort: number;
	toPort: number;
	data: Buffer;
}

export class Lan {
	/** Takes each datagram of the device's. */
	onUdp: (packet: UdpPacket) => void = () => {};
	readonly #server: Server;
	#device: Socket | null = null;
	#mac = Buffer.alloc(6, 255);
	#received = Buffer.alloc(0);

	private constructor(server: Server) {
		this.#server = server;
		server.on("connection", (socket) => {
			this.#device = socket;
			socket.on("error", () => {});
			socket.on("data", (bytes) => this.#take(bytes));
		});
	}

	static async open(): Promise<Lan> {
		const lan = new Lan(createServer());
		await new Promise<void>((resolve) => lan.#server.listen(0, "127.0.0.1", resolve));
		return lan;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	close(): void {
		this.#device?.destroy();
		this.#server.close();
	}

	/** Of the device, once it has sent something. */
	get mac(): Buffer {
		return this.#mac;
	}

	/** A frame as it is, whatever it is. */
	frame(frame: Buffer): void {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(frame.length);
		this.#device?.write(Buffer.concat([length, frame]));
	}

	ethernet(type: number, payload: Buffer): void {
		this.frame(Buffer.concat([this.#mac, OUR_MAC, Buffer.from([type >> 8, type & 255]), payload]));
	}

	/** `change` may damage the IP header and what follows, once the header's checksum is right; it is made right again. */
	udp(packet: UdpPacket, change: (ip: Buffer) => void = () => {}): void {
		const ip = Buffer.alloc(28 + packet.data.length);
		ip[0] = 0x45;
		ip.writeUInt16BE(ip.length, 2);
		ip[8] = 64;
		ip[9] = UDP;
		addressBytes(packet.from).copy(ip, 12);
		addressBytes(packet.to).copy(ip, 16);
		ip.writeUInt16BE(packet.fromPort, 20);
		ip.writeUInt16BE(packet.toPort, 22);
		ip.writeUInt16BE(8 + packet.data.length, 24);
		packet.data.copy(ip, 28);
		change(ip);
		ip.writeUInt16BE(0, 10);
		ip.writeUInt16BE(checksum(ip.subarray(0, Math.min(ip.length, (ip[0]! & 15) * 4))), 10);
		this.ethernet(IPV4, ip);
	}

	#take(bytes: Buffer): void {
		this.#received = Buffer.concat([this.#received, bytes]);
		while (this.#received.length >= 4) {
			const end = 4 + this.#received.readUInt32BE(0);
			if (this.#received.length < end) return;
			const frame = this.#received.subarray(4, end);
			this.#received = this.#received.subarray(end);
			this.#mac = Buffer.from(frame.subarray(6, 12));
			const type = frame.readUInt16BE(12);
			if (type === ARP) this.#answerArp(frame.subarray(14));
			else if (type === IPV4 && frame[23] === UDP) this.#takeUdp(frame.subarray(14));
		}
	}

	/** Whoever is asked for is here; but nobody has the address that the device asks about for itself. */
	#answerArp(request: Buffer): void {
		const [sender, target] = [request.subarray(14, 18), request.subarray(24, 28)];
		if (request.readUInt16BE(6) !== 1 || sender.equals(target) || sender.readUInt32BE(0) === 0) return;
		const head = Buffer.from([0, 1, 8, 0, 6, 4, 0, 2]);
		this.ethernet(ARP, Buffer.concat([head, OUR_MAC, target, this.#mac, sender, Buffer.alloc(18)]));
	}

	#takeUdp(ip: Buffer): void {
		const data = Buffer.from(ip.subarray(28, 20 + ip.readUInt16BE(24)));
		this.onUdp({
			from: [...ip.subarray(12, 16)].join("."),
			to: [...ip.subarray(16, 20)].join("."),
			fromPort: ip.readUInt16BE(20),
			toPort: ip.readUInt16BE(22),
			data,
		});
	}
}

export function addressBytes(text: string): Buffer {
	return Buffer.from(text.split(".").map(Number));
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
	let sum = 0;
	for (let i = 0; i + 1 < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}
