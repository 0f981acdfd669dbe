import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Luck {
	/** After this many bytes from the client, or to it, the line is cut. */
	cutAfterBytesOut?: number;
	cutAfterBytesIn?: number;
	/** After so many bytes to the client nothing more comes, and nothing says so. */
	stallAfterBytesIn?: number;
}

/** A line to a TCP port of this machine whose first connection has the given luck; later ones are sound. */
export class UnluckyLine {
	port = 0;
	/** Of the first connection, as far as it came. */
	bytesOut = 0;
	bytesIn = 0;
	connections = 0;
	/** What arrives is taken and goes nowhere, while both ends believe that it did. */
	holds = false;
	readonly #server: Server;
	readonly #ends = new Set<Socket>();

	constructor(target: number, luck: Luck) {
		this.#server = createServer((near) => {
			const far = connect(target, "127.0.0.1");
			const first = this.connections++ === 0;
			const cut = () => {
				near.resetAndDestroy();
				far.resetAndDestroy();
			};
			this.#carry(near, far, first ? luck.cutAfterBytesOut : undefined, cut, (count) => {
				if (first) this.bytesOut += count;
			});
			const { stallAfterBytesIn } = luck;
			const limit = first ? (luck.cutAfterBytesIn ?? stallAfterBytesIn) : undefined;
			this.#carry(far, near, limit, first && stallAfterBytesIn !== undefined ? () => {} : cut, (count) => {
				if (first) this.bytesIn += count;
			});
		});
	}

	async open(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
		this.port = (this.#server.address() as AddressInfo).port;
		return this;
	}

	close(): void {
		this.#server.close();
		for (const end of this.#ends) end.destroy();
	}

	#carry(from: Socket, to: Socket, limit: number | undefined, over: () => void, count: (bytes: number) => void): void {
		let left = limit ?? Infinity;
		this.#ends.add(from);
		from.setNoDelay(true);
		from.on("error", () => to.destroy());
		from.on("close", () => this.#ends.delete(from));
		from.on("end", () => left > 0 && to.end());
		from.on("data", (bytes: Buffer) => {
			if (left <= 0 || this.holds) return;
			const part = bytes.subarray(0, Math.min(bytes.length, left));
			left -= part.length;
			count(part.length);
			if (left > 0) to.write(part);
			else to.write(part, over);
		});
	}
}
