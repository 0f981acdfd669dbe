/** What generated code imports. */
export { Fault, FaultCode, Exhausted } from "./base/fault.js";
export { Arena, type ArenaLimits } from "./arena/arena.js";
export { CapSlots, type CapHook } from "./arena/cap-slots.js";
export { Place } from "./arena/place.js";
export { Segment, constantSegment } from "./arena/segment.js";
export { AnyBuilder } from "./layout/any-builder.js";
export { AnyKind, AnyReader } from "./layout/any-reader.js";
export { DataBuilder, TextBuilder } from "./layout/blob-builder.js";
export { DataReader } from "./layout/data-reader.js";
export {
	AnyListBuilder,
	CapListBuilder,
	DataListBuilder,
	ListBuilder,
	ListListBuilder,
	StructListBuilder,
	TextListBuilder,
} from "./layout/list-builder.js";
export { AnyListReader, CapListReader, DataListReader, ListListReader, ListReader, StructListReader, TextListReader } from "./layout/list-reader.js";
export * from "./layout/primitive-list-builder.js";
export * from "./layout/primitive-list-reader.js";
export { StructBuilder } from "./layout/struct-builder.js";
export { StructReader } from "./layout/struct-reader.js";
export { TextReader } from "./layout/text-reader.js";
export { FrameReader, FrameState, type ByteSource } from "./message/frame-reader.js";
export { Message } from "./message/message.js";
export { MessagePool, type MessagePoolOptions } from "./message/message-pool.js";
export { readMessage } from "./message/flat.js";
