import { Exhausted } from "../base/fault.js";
import type { Pools } from "../cap/pools.js";
import type { AnyReader } from "../layout/any-reader.js";
import type { Message } from "../message/message.js";

/**
 * What one connection received, in a message for another: an envelope with a copy of `content`, which shares its
 * capabilities. The caller's; null where there is no memory.
 */
export function copyPayload(
	pools: Pools,
	envelope: Uint8Array,
	bytes: number,
	at: number,
	content: AnyReader | null,
): Message | null {
	const message = pools.messages.take();
	if (message === null) return null;
	pools.open(message, envelope, bytes, at, pools.copyAt);
	if (content === null) return message;
	try {
		pools.copyAt.copy(content);
	} catch (error) {
		message.release();
		if (error instanceof Exhausted) return null;
		throw error;
	}
	return message;
}
