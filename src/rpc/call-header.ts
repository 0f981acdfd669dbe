/** What the fixed part of a usual Call says: one of an export, without capabilities, with results for the caller. */
export class CallHeader {
	// In this order: native code goes by it.
	questionId = 0;
	interfaceLow = 0;
	interfaceHigh = 0;
	methodId = 0;
	/** The export that is called. */
	targetId = 0;
	/** Byte offset of the params' content pointer in the segment. */
	content = 0;
}

/** Levels of pointers from the root pointer to the params' content pointer. */
export const CONTENT_DEPTH = 3;
