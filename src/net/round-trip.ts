const FIRST_MS = 300;
const MIN_MS = 200;
const MAX_MS = 2000;

/** How long to wait for an acknowledgement: RFC 6298 in whole milliseconds. */
export class RoundTrip {
	retransmitMs = FIRST_MS;
	/** Eight times the mean, four times the deviation. */
	#mean8 = 0;
	#deviation4 = 0;

	/** A frame that was sent once was acknowledged after `tripMs`. */
	measure(tripMs: number): void {
		if (this.#mean8 === 0) {
			this.#mean8 = tripMs << 3;
			this.#deviation4 = tripMs << 1;
		} else {
			const error = tripMs - (this.#mean8 >> 3);
			this.#mean8 += error;
			this.#deviation4 += (error < 0 ? -error : error) - (this.#deviation4 >> 2);
		}
		const wished = (this.#mean8 >> 3) + this.#deviation4;
		if (wished < MIN_MS) this.retransmitMs = MIN_MS;
		else this.retransmitMs = wished < MAX_MS ? wished : MAX_MS;
	}
	/** No acknowledgement came in time. */
	backOff(): void {
		this.retransmitMs = this.retransmitMs * 2 < MAX_MS ? this.retransmitMs * 2 : MAX_MS;
	}
	forget(): void {
		this.#mean8 = this.#deviation4 = 0;
		this.retransmitMs = FIRST_MS;
	}
}
