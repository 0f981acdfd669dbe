/**
 * Call and Return messages are built with their envelope first, so that params and results lie where they are sent from.
 * These are the words of that envelope, as rpc.capnp lays them out; everything here is at a fixed byte offset.
 */
const STRUCT_2_WORDS_1_POINTER = 0x00010002;

/** Little-endian 32-bit halves of the words. */
export const CALL_ENVELOPE = Object.freeze([
	0,
	0x00010001, // root: Message (1 word, 1 pointer)
	2,
	0, // which = call
	0,
	0x00030003, // Call (3 words, 3 pointers)
	0,
	0, // questionId; methodId, sendResultsTo = caller
	0,
	0, // interfaceId
	0,
	0, // flags
	8,
	0x00010001, // target: MessageTarget (1 word, 1 pointer), behind the pointers
	12,
	0x00020000, // params: Payload (2 pointers)
	0,
	0, // sendResultsTo.thirdParty
	0,
	0, // importedCap, which
	0,
	0, // promisedAnswer
	0,
	0, // content
	0,
	0, // capTable
]);
export const RETURN_ENVELOPE = Object.freeze([
	0,
	0x00010001, // root: Message
	3,
	0, // which = return
	0,
	STRUCT_2_WORDS_1_POINTER, // Return
	0,
	0, // answerId; releaseParamCaps (default true), noFinishNeeded, which = results
	0,
	0, // takeFromOtherQuestion
	0,
	0x00020000, // results: Payload
	0,
	0, // content
	0,
	0, // capTable
]);

/** Bytes of the envelopes, and what lies where in them. */
export const CALL_BYTES = CALL_ENVELOPE.length * 4;
export const CALL_QUESTION_ID = 24;
export const CALL_METHOD_ID = 28;
export const CALL_SEND_RESULTS_TO = 30;
export const CALL_INTERFACE_LOW = 32;
export const CALL_INTERFACE_HIGH = 36;
export const CALL_TARGET_ID = 72;
export const CALL_TARGET_WHICH = 76;
export const CALL_TARGET_POINTER = 80;
export const CALL_CONTENT = 88;
export const CALL_CAP_TABLE = 96;
export const RETURN_BYTES = RETURN_ENVELOPE.length * 4;
export const RETURN_ANSWER_ID = 24;
export const RETURN_FLAGS = 28;
export const RETURN_CONTENT = 48;
export const RETURN_CAP_TABLE = 56;

/** An envelope as bytes, to be copied in one go. */
export function envelopeBytes(halves: readonly number[]): Uint8Array {
	const bytes = new Uint8Array(halves.length * 4);
	const view = new DataView(bytes.buffer);
	for (let i = 0; i < halves.length; i++) view.setUint32(i * 4, halves[i]!, true);
	return bytes;
}
