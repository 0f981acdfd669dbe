/** Fills a buffer from the platform's secure source of randomness. Throws where there is none; never falls back to anything weaker. */
class Entropy extends Native("xs_entropy_destructor") {
	static fill(into: Uint8Array, offset: number, length: number): void {
		return native("xs_entropy_fill").call(this, into, offset, length);
	}
}
export default Entropy;
