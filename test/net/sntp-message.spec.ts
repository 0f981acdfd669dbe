import { readSntpReply, SNTP_BYTES, SNTP_OTHER, SNTP_REFUSED, writeSntpRequest } from "../../src/net/sntp-message.js";

const nonce = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);

/** 2026-01-01T00:00:00.500Z */
const SECONDS = 1_767_225_600 + 2_208_988_800;

function reply(change: (view: DataView) => void = () => {}): Uint8Array {
	const bytes = new Uint8Array(SNTP_BYTES);
	bytes[0] = (4 << 3) | 4;
	bytes[1] = 2;
	bytes.set(nonce, 24);
	const view = new DataView(bytes.buffer);
	view.setUint32(40, SECONDS);
	view.setUint32(44, 0x8000_0000);
	change(view);
	return bytes;
}

describe("Asking for the time", () => {
	it("tells the server nothing but a random number", () => {
		const request = new Uint8Array(SNTP_BYTES).fill(9);
		writeSntpRequest(request, nonce);
		expect([...request]).toEqual([0x23, ...Array(39).fill(0), ...nonce]);
	});

	it("gives the time at which the reply was sent", () => {
		expect(readSntpReply(reply(), nonce)).toBe(Date.UTC(2026, 0, 1) + 500);
		expect(
			readSntpReply(
				reply((view) => view.setUint32(40, 1)),
				nonce,
			),
		).toBe(Date.UTC(2036, 1, 7, 6, 28, 17) + 500);
	});

	it("believes nobody who does not repeat that number", () => {
		for (let i = 24; i < 32; i++)
			expect(
				readSntpReply(
					reply((view) => view.setUint8(i, 99)),
					nonce,
				),
			).toBe(SNTP_OTHER);
	});

	it("does not take a request, a broadcast or a piece for a reply", () => {
		for (const mode of [0, 1, 2, 3, 5, 6, 7])
			expect(
				readSntpReply(
					reply((view) => view.setUint8(0, (4 << 3) | mode)),
					nonce,
				),
			).toBe(SNTP_OTHER);
		for (let length = 0; length < SNTP_BYTES; length++)
			expect(readSntpReply(reply().slice(0, length), nonce)).toBe(SNTP_OTHER);
	});

	it("is sent away by a server that does not know the time, or does not want to be asked", () => {
		const changes: ((view: DataView) => void)[] = [
			(view) => view.setUint8(0, 0xe4),
			(view) => view.setUint8(1, 0),
			(view) => view.setUint8(1, 16),
			(view) => view.setUint32(40, 0),
		];
		for (const change of changes) expect(readSntpReply(reply(change), nonce)).toBe(SNTP_REFUSED);
	});
});
