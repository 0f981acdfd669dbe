/** rpc.capnp in numbers: the tags, and what lies where (bytes into the data section, bits for booleans, pointer indexes). */
export const Tag = {
	UNIMPLEMENTED: 0,
	ABORT: 1,
	CALL: 2,
	RETURN: 3,
	FINISH: 4,
	RESOLVE: 5,
	RELEASE: 6,
	OBSOLETE_SAVE: 7,
	BOOTSTRAP: 8,
	OBSOLETE_DELETE: 9,
	PROVIDE: 10,
	ACCEPT: 11,
	JOIN: 12,
	DISEMBARGO: 13,
} as const;

export const BOOTSTRAP = { DATA_WORDS: 1, POINTERS: 1, QUESTION_ID: 0, OBJECT_ID: 0 } as const;

export const CALL = {
	DATA_BYTES_MIN: 16,
	QUESTION_ID: 0,
	METHOD_ID: 4,
	SEND_RESULTS_TO: 6,
	INTERFACE_ID: 8,
	FLAGS: 16,
	ONLY_PROMISE_PIPELINE: 4,
	ONLY_PROMISE_PIPELINE_BIT: 130,
	TARGET: 0,
	PARAMS: 1,
} as const;
export const SendResultsTo = { CALLER: 0, YOURSELF: 1, THIRD_PARTY: 2 } as const;

export const RETURN = {
	DATA_WORDS: 2,
	POINTERS: 1,
	ANSWER_ID: 0,
	RELEASE_PARAM_CAPS_BIT: 32,
	NO_FINISH_NEEDED_BIT: 33,
	WHICH: 6,
	// In the upper half of the first word. `releaseParamCaps` is true by default: a set bit means false.
	KEEP_PARAM_CAPS: 1,
	NO_FINISH_NEEDED: 2,
	WHICH_SHIFT: 16,
	OTHER_QUESTION: 8,
	CONTENT: 0,
} as const;
export const ReturnTag = {
	RESULTS: 0,
	EXCEPTION: 1,
	CANCELED: 2,
	ELSEWHERE: 3,
	TAKE_FROM_OTHER: 4,
	THIRD_PARTY: 5,
} as const;

/** `releaseResultCaps` is true by default: a set bit means false, and so does the flag in the upper half of the word. */
export const FINISH = {
	DATA_WORDS: 1,
	POINTERS: 0,
	QUESTION_ID: 0,
	RELEASE_RESULT_CAPS_BIT: 32,
	KEEP_RESULT_CAPS: 1,
} as const;

export const RESOLVE = { DATA_WORDS: 1, POINTERS: 1, PROMISE_ID: 0, WHICH: 4, CONTENT: 0 } as const;
export const ResolveTag = { CAP: 0, EXCEPTION: 1 } as const;

export const RELEASE = { DATA_WORDS: 1, POINTERS: 0, ID: 0, COUNT: 4 } as const;

export const DISEMBARGO = { DATA_WORDS: 1, POINTERS: 1, ID: 0, CONTEXT: 4, TARGET: 0 } as const;
export const Context = { SENDER_LOOPBACK: 0, RECEIVER_LOOPBACK: 1, ACCEPT: 2, PROVIDE: 3 } as const;

export const TARGET = { DATA_WORDS: 1, POINTERS: 1, IMPORTED_CAP: 0, WHICH: 4, PROMISED_ANSWER: 0 } as const;
export const TargetTag = { IMPORTED_CAP: 0, PROMISED_ANSWER: 1 } as const;

export const PAYLOAD = { CONTENT: 0, CAP_TABLE: 1 } as const;

export const DESCRIPTOR = { DATA_WORDS: 1, POINTERS: 1, WHICH: 0, ID: 4, POINTER: 0 } as const;
export const DescriptorTag = {
	NONE: 0,
	SENDER_HOSTED: 1,
	SENDER_PROMISE: 2,
	RECEIVER_HOSTED: 3,
	RECEIVER_ANSWER: 4,
	THIRD_PARTY: 5,
} as const;
/** ThirdPartyCapDescriptor: the vine stands in for a capability of a third party. */
export const VINE_ID = 0;

export const PROMISED_ANSWER = { DATA_WORDS: 1, POINTERS: 1, QUESTION_ID: 0, TRANSFORM: 0 } as const;
export const OP = { DATA_WORDS: 1, POINTERS: 0, WHICH: 0, FIELD: 2 } as const;
export const OpTag = { NOOP: 0, GET_POINTER_FIELD: 1 } as const;

export const EXCEPTION = { DATA_WORDS: 1, POINTERS: 2, TYPE: 4, REASON: 0, TRACE: 1 } as const;
