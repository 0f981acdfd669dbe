/** What a peer can have broken. The names go into the message; the numbers stay stable for counters. */
export const FaultCode = {
	OTHER: 0,
	/** A pointer leads outside its segment. */
	BOUNDS: 1,
	/** A pointer of another kind than its use needs. */
	KIND: 2,
	/** A list whose elements cannot be read as what the schema says. */
	ELEMENT: 3,
	/** A far pointer to nothing, or a landing pad that is none. */
	FAR: 4,
	/** More words were traversed than the read budget allows. */
	TRAVERSAL: 5,
	/** Pointers nest deeper than the limit. */
	DEPTH: 6,
	/** Text without its final NUL. */
	TEXT: 7,
	/** A capability index without a capability. */
	CAPABILITY: 8,
	/** A frame header that is not one, or over the limit. */
	FRAME: 9,
	/** Packed bytes that end early or expand beyond the limit. */
	PACKED: 10,
	/** An integer beyond 2^53 read as a number. */
	RANGE: 11,
	/** A message that an RPC peer must not send. */
	PROTOCOL: 12,
} as const;
export type FaultCode = (typeof FaultCode)[keyof typeof FaultCode];

/**
 * The peer broke a rule: that connection ends, everything else goes on.
 * `segment` and `word` say where in the message (-1 where that makes no sense).
 */
export class Fault extends Error {
	readonly code: FaultCode;
	readonly segment: number;
	readonly word: number;

	constructor(code: FaultCode, message: string, segment = -1, word = -1) {
		super(segment < 0 ? message : message + " (segment " + segment + ", word " + word + ")");
		this.name = "Fault";
		this.code = code;
		this.segment = segment;
		this.word = word;
	}
}

/** A limit or a pool of this vat is used up: the operation fails as `overloaded`, the vat lives. */
export class Exhausted extends Error {
	constructor(message: string) {
		super(message);
		this.name = "Exhausted";
	}
}
