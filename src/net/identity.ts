import { fromBase64Url, toBase64Url } from "../base/base64url.js";

/** SHA-256. */
export const DIGEST_BYTES = 32;

/** A vat's name for people and URIs: `sha-256:` and 43 characters; `insecure` for null. */
export function digestText(digest: Uint8Array | null): string {
	return digest === null ? "insecure" : "sha-256:" + toBase64Url(digest);
}

/** The opposite of `digestText` for the part after `sha-256:`; null when it is not exactly 32 bytes of base64url. */
export function parseDigest(text: string): Uint8Array | null {
	const digest = fromBase64Url(text);
	return digest !== null && digest.length === DIGEST_BYTES ? digest : null;
}

/**
 * Order of two digests as big-endian numbers: negative, 0 or positive. Not constant-time: digests are public. Crossed connections keep
 * the one that the greater identity started.
 */
export function compareDigests(left: Uint8Array, right: Uint8Array): number {
	for (let i = 0; i < DIGEST_BYTES; i++) {
		const difference = left[i]! - right[i]!;
		if (difference !== 0) return difference;
	}
	return 0;
}

export function sameDigest(left: Uint8Array | null, right: Uint8Array | null): boolean {
	if (left === null || right === null) return left === right;
	return compareDigests(left, right) === 0;
}
