import { TLSIdentity, TLS_DIGEST_BYTES, TLS_RECORD_BYTES_MAX } from "mbedtls";
import type { Hashes, Identity } from "../../src/ports/secure.js";
import type { Store } from "../../src/ports/store.js";

const DOMAIN = "vatlet";
const KEY = "identity";

/** A vat's key on a device. It is made once, on the first start, and never leaves the store and the TLS engine. */
export class XsIdentity implements Identity {
	readonly digest: Uint8Array;
	/** For the engine only. */
	readonly tls: TLSIdentity;

	constructor(tls: TLSIdentity) {
		this.tls = tls;
		this.digest = new Uint8Array(TLS_DIGEST_BYTES);
		tls.digest(this.digest, 0);
	}
	derive(data: Uint8Array, into: Uint8Array, offset: number): void {
		this.tls.derive(data, into, offset);
	}
}

/**
 * The stored identity, or on the first start a new one, stored before it is used. Throws when the stored one is damaged: a new key in its
 * place would silently turn the device into a stranger to everybody who holds a reference to it.
 */
export function openIdentity(store: Store): XsIdentity {
	const record = new Uint8Array(TLS_RECORD_BYTES_MAX);
	const length = store.get(DOMAIN, KEY, record);
	if (length < 0) return createIdentity(store, record);
	try {
		return new XsIdentity(new TLSIdentity(record.subarray(0, length)));
	} catch (error) {
		const reason = (error as Error).message;
		throw new Error(
			`cannot use this device's identity: ${reason}; --reset-store makes a new one, which old references will not reach`,
		);
	}
}

function createIdentity(store: Store, record: Uint8Array): XsIdentity {
	const tls = new TLSIdentity();
	store.put(DOMAIN, KEY, record, tls.save(record, 0));
	record.fill(0);
	return new XsIdentity(tls);
}

export class XsHashes implements Hashes {
	sha256(bytes: Uint8Array, offset: number, length: number, into: Uint8Array, intoOffset: number): void {
		TLSIdentity.sha256(bytes, offset, length, into, intoOffset);
	}
}
