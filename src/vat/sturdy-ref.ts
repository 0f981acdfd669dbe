import type { AnyBuilder } from "../layout/any-builder.js";
import { AnyKind, type AnyReader } from "../layout/any-reader.js";
import { AddressError, type CapnpUri, formatUri, parseUri } from "../net/address.js";

/** A sturdy ref inside a message is its URI as Text: who reads the message may use the service. */
export function writeSturdyRef(uri: CapnpUri, into: AnyBuilder): void {
	into.setText(formatUri(uri));
}

/** Throws an AddressError when there is no text, or one that is no `capnp://` URI. */
export function readSturdyRef(from: AnyReader): CapnpUri {
	if (from.kind !== AnyKind.LIST) throw new AddressError("there is no sturdy ref: expected a capnp:// URI as text");
	return parseUri(from.text());
}
