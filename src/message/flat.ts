import { ArenaShared, type ArenaLimits } from "../arena/shared.js";
import { Fault, FaultCode } from "../base/fault.js";
import { SEGMENTS_MAX } from "../base/limits.js";
import { headerBytes } from "../wire/frame.js";
import { Message } from "./message.js";

/**
 * A message over one whole frame, which is borrowed: do not change the bytes while reading. Allocates; for tools and tests.
 * Trailing bytes are a Fault.
 */
export function readMessage(bytes: Uint8Array, limits: ArenaLimits = {}): Message {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	if (bytes.length < 8) throw new Fault(FaultCode.FRAME, "frame of " + bytes.length + " bytes");
	const count = view.getUint32(0, true) + 1;
	if (count > (limits.segments ?? SEGMENTS_MAX)) throw new Fault(FaultCode.FRAME, "frame with " + count + " segments");
	let offset = headerBytes(count);
	if (offset > bytes.length) throw new Fault(FaultCode.FRAME, "frame header cut off");
	const message = new Message(new ArenaShared(null, limits));
	for (let i = 0; i < count; i++) {
		const length = view.getUint32(4 + i * 4, true) * 8;
		if (offset + length > bytes.length) throw new Fault(FaultCode.FRAME, "segment " + i + " cut off");
		message.arena.borrow(bytes, view, offset, length);
		offset += length;
	}
	if (offset !== bytes.length) throw new Fault(FaultCode.FRAME, bytes.length - offset + " bytes behind the frame");
	message.arena.openForReading();
	return message;
}
