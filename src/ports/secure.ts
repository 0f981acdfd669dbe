/** What a vat is: the holder of a secret key. The key itself stays inside the host; peers know a vat by the digest alone. */
export interface Identity {
	/** SHA-256 over the DER SubjectPublicKeyInfo: 32 bytes. */
	readonly digest: Uint8Array;
	/**
	 * HMAC-SHA256 of `data` under a key that only this identity can derive: SHA-256 of the exact text of its secret key file.
	 * Makes service ids that survive restarts without a table. 32 bytes into `into` at `offset`.
	 */
	derive(data: Uint8Array, into: Uint8Array, offset: number): void;
}

/** Digests that the vat needs itself. */
export interface Hashes {
	/** SHA-256 of `length` bytes at `offset`; 32 bytes into `into` at `intoOffset`. */
	sha256(bytes: Uint8Array, offset: number, length: number, into: Uint8Array, intoOffset: number): void;
}
