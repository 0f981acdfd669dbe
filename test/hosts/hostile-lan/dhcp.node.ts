/** A DHCP server (RFC 2131), and what a hostile one would send in its place. */
import { Seeded } from "../../support/seeded.js";
import { addressBytes } from "./lan.node.js";

export const DISCOVER = 1;
export const OFFER = 2;
export const REQUEST = 3;
export const ACK = 5;
export const NAK = 6;

const OPTIONS = 240;
const MASK = 1;
const ROUTER = 3;
const DNS = 6;
const LEASE = 51;
const OVERLOAD = 52;
const TYPE = 53;
const SERVER = 54;
const T1 = 58;
const END = 255;

export function messageType(message: Buffer): number {
	for (let at = OPTIONS; at + 2 < message.length && message[at] !== END; at += 2 + message[at + 1]!)
		if (message[at] === TYPE) return message[at + 2]!;
	return 0;
}

function reply(request: Buffer, address: string, options: number[]): Buffer {
	const head = Buffer.alloc(OPTIONS);
	head.set([2, 1, 6, 0]);
	request.copy(head, 4, 4, 8); // the number of the request
	addressBytes(address).copy(head, 16);
	request.copy(head, 28, 28, 44);
	head.set([0x63, 0x82, 0x53, 0x63], 236);
	return Buffer.concat([head, Buffer.from(options)]);
}

function options(type: number, server: string, change: Record<number, number[]> = {}): number[] {
	const own = [...addressBytes(server)];
	const all: [number, number[]][] = [
		[TYPE, [type]],
		[SERVER, own],
		[LEASE, [0, 0, 14, 16]],
		[MASK, [255, 255, 255, 0]],
		[ROUTER, own],
		[DNS, own],
	];
	return [...all.flatMap(([code, data]) => [code, (change[code] ?? data).length, ...(change[code] ?? data)]), END];
}

export function honest(request: Buffer, type: number, address: string, server: string): Buffer {
	return reply(request, address, options(type, server));
}

/** None may be taken for a reply of `type` to `request`, and none may do harm. */
export function hostile(request: Buffer, type: number, address: string, server: string): Buffer[] {
	const whole = honest(request, type, address, server);
	const all: Buffer[] = [];
	const changed = (at: number, value: number): Buffer => {
		const copy = Buffer.from(whole);
		copy[at] = value;
		return copy;
	};
	// Another's number, another's hardware, a request.
	all.push(changed(4, whole[4]! ^ 1), changed(7, whole[7]! ^ 0x80), changed(28, whole[28]! ^ 2), changed(0, 1));
	// Cut short anywhere; and the same for one whose end is beyond the end.
	for (let length = 0; length < whole.length; length++) all.push(whole.subarray(0, length));
	for (const code of [TYPE, SERVER, LEASE, MASK, ROUTER, DNS, OVERLOAD, T1, 77])
		all.push(
			reply(request, address, [TYPE, 1, type, code, 255, 1, 2, 3, 4]),
			reply(request, address, [TYPE, 1, type, code]),
		);
	// Options whose length is another than theirs.
	for (const code of [TYPE, SERVER, LEASE, MASK, ROUTER])
		for (const length of [0, 3, code === ROUTER ? 2 : 5, code === ROUTER ? 1 : 255])
			all.push(reply(request, address, options(type, server, { [code]: Array<number>(length).fill(1) })));
	all.push(reply(request, address, options(type, server, { [DNS]: [1, 2, 3] })));
	// Kinds of message that there are not, or that are not for us.
	for (const kind of [0, DISCOVER, REQUEST, 4, 7, 8, 99, 255]) all.push(reply(request, address, options(kind, server)));
	all.push(reply(request, address, [END]));
	all.push(reply(request, address, []));
	// Nothing but padding, as long as a datagram may be.
	all.push(reply(request, address, Array<number>(1472 - OPTIONS).fill(0)));
	// Options that go on in other fields, which send back, or do not end.
	for (const where of [1, 2, 3, 4, 255])
		for (const fill of [0, 1, 254, OVERLOAD]) {
			const circle = reply(request, address, [OVERLOAD, 1, where, END]);
			circle.fill(fill, 44, 236);
			circle.set([OVERLOAD, 1, 3, TYPE, 1, type], 44);
			circle.set([OVERLOAD, 1, 3, TYPE, 1, type], 108);
			all.push(circle);
		}
	return [...all, ...damaged(request, type, address, server)];
}

/** Options at random, without a type that could be meant. */
function damaged(request: Buffer, type: number, address: string, server: string): Buffer[] {
	const random = new Seeded(2131);
	const all: Buffer[] = [];
	while (all.length < 500) {
		const bytes = options(type, server, { [TYPE]: [99] });
		for (let n = 0; n <= random.below(6); n++) bytes[3 + random.below(bytes.length - 3)] = random.below(256);
		const message = reply(request, address, bytes);
		if (random.below(4) === 0) for (let n = 0; n < 40; n++) message[44 + random.below(192)] = random.below(256);
		if (message.indexOf(Buffer.from([TYPE, 1, type])) < 0) all.push(message);
	}
	return all;
}
