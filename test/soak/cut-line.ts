import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Seeded } from "../support/seeded.js";

/** Before that a connection is hardly made. */
const SOUND_SECONDS_MIN = 1.5;

/** A line to a TCP port of this machine. Each connection is cut after a while: by a reset, by an orderly end, or after a silence. */
export class CutLine {
	port = 0;
	cuts = 0;
	connections = 0;
	readonly #server: Server;
	readonly #ends = new Set<Socket>();
	readonly #timers = new Set<NodeJS.Timeout>();
	readonly #random = new Seeded(1);

	/** `cutSeconds`: how long a connection lives on average. */
	constructor(target: number, cutSeconds: number) {
		this.#server = createServer({ noDelay: true }, (near) => {
			const far = connect({ host: "127.0.0.1", port: target, noDelay: true });
			this.connections += 1;
			for (const [from, to] of [
				[near, far],
				[far, near],
			] as const) {
				this.#ends.add(from);
				from.on("error", () => to.destroy());
				from.on("close", () => this.#ends.delete(from));
				from.pipe(to);
			}
			const livesMs = 1000 * Math.max(SOUND_SECONDS_MIN, (cutSeconds * 2 * this.#random.below(1000)) / 1000);
			this.#later(livesMs, () => {
				if (near.destroyed || far.destroyed) return;
				this.cuts += 1;
				this.#cut(near, far);
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
		for (const timer of this.#timers) clearTimeout(timer);
		for (const end of this.#ends) end.destroy();
	}

	#cut(near: Socket, far: Socket): void {
		const reset = (): void => {
			near.resetAndDestroy();
			far.resetAndDestroy();
		};
		const kind = this.#random.below(3);
		if (kind === 0) return reset();
		if (kind === 1) {
			near.end();
			far.end();
			return this.#later(500, reset);
		}
		near.unpipe(far);
		far.unpipe(near);
		this.#later(1000, reset);
	}

	#later(milliseconds: number, action: () => void): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			action();
		}, milliseconds);
		this.#timers.add(timer);
	}
}
