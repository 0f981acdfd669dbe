/** What generated code imports. */
export { outOfRange } from "./base/assert.js";
export { Fault, FaultCode, Exhausted } from "./base/fault.js";
export { Arena } from "./arena/arena.js";
export { ArenaShared, type ArenaLimits } from "./arena/shared.js";
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
export {
	AnyListReader,
	CapListReader,
	DataListReader,
	ListListReader,
	ListReader,
	StructListReader,
	TextListReader,
} from "./layout/list-reader.js";
export * from "./layout/primitive-list-builder.js";
export * from "./layout/primitive-list-reader.js";
export { initBlob, initList, initStruct, initStructList, setData, setText } from "./layout/build.js";
export { copyBlob, copyList, copyStruct } from "./layout/copy.js";
export * from "./layout/big-int.js";
export * from "./layout/default-pointer.js";
export * from "./layout/default-scalar.js";
export { editStruct, editStructList, truncate, truncateText } from "./layout/edit.js";
export { structsEqual } from "./layout/equal.js";
export { aimAny, followData, followList, followStruct, followStructList, followText } from "./layout/follow.js";
export { Orphan } from "./layout/orphan.js";
export { StructBuilder } from "./layout/struct-builder.js";
export { constantAny, constantData, constantList, constantStruct } from "./layout/constant.js";
export { StructReader } from "./layout/struct-reader.js";
export { TextReader } from "./layout/text-reader.js";
export { FrameReader, FrameState, type ByteSource } from "./message/frame-reader.js";
export { Message } from "./message/message.js";
export { MessagePool, type MessagePoolOptions } from "./message/message-pool.js";
export { readMessage } from "./message/flat.js";
export { Pool } from "./base/pool.js";
export { BrokenHook } from "./cap/broken.js";
export { Call } from "./cap/call.js";
export { CallState, type Callee, type CancelHandler, type ReturnHandler } from "./cap/call-roles.js";
export { Client, Request } from "./cap/client.js";
export { Exception, ExceptionType } from "./cap/exception.js";
export { Hook, HookKind, HookListener } from "./cap/hook.js";
export { LocalHook } from "./cap/local.js";
export { Path } from "./cap/path.js";
export { PipelinePath } from "./cap/pipeline-path.js";
export { Pools, type PoolsOptions } from "./cap/pools.js";
export { PromiseHook } from "./cap/promise.js";
export { annotation, type Annotations, type AnnotationType, type AnnotationValues } from "./cap/annotations.js";
export {
	type BuilderOf,
	copyView,
	editView,
	initView,
	putView,
	readView,
	type StructSize,
	type ValueOf,
	type View,
} from "./cap/view.js";
export { DispatchResult } from "./cap/dispatch-result.js";
export { FreeCalls, MethodCall, Server, TypedCall, type ServerCall } from "./cap/server.js";
export { canonicalize, copyWords, isCanonical } from "./message/canonical.js";
export { describe } from "./message/describe.js";
export { Packer, Unpacker } from "./message/packed-stream.js";
export type {
	CapabilitySink,
	CapabilitySource,
	EnumType,
	FieldInfo,
	FieldJson,
	FieldType,
	InterfaceType,
	MethodType,
	PipelineField,
	ScalarName,
	StructType,
	UnionJson,
} from "./cap/descriptor.js";
export { type AnyType, AnyValue, type PlainOf } from "./cap/any-value.js";
export { anyValue } from "./cap/from-object.js";
export { fromJson, toJson } from "./cap/json.js";
export { bind, StreamResult, structType } from "./cap/plain.js";
export type {
	Answer,
	CallContext,
	CallOptions,
	Capability,
	Implementation,
	Inherited,
	Input,
	Pipelined,
	RemoteObject,
	Result,
} from "./cap/remote-types.js";
export { Stream, type StreamHandler } from "./cap/stream.js";
