/** What one peer may make this vat hold. Each says what happens when it is reached. */
export interface ConnectionLimits {
	/** Our calls without an answer, or with results still in use. Further calls fail as overloaded. */
	questions: number;
	/** The peer's calls that run here, or whose results it may still pipeline on, including canceled ones that still run. Further ones are answered overloaded. */
	answers: number;
	/** Capabilities that the peer holds of us. What would exceed it fails as overloaded instead of being sent. */
	exports: number;
	/** Capabilities of the peer that are held here. A call that brings more is answered overloaded, a return that does fails as overloaded. */
	imports: number;
	/** Promises that wait for calls on their way. Further ones break as overloaded. */
	embargoes: number;
	/** Words of params and results of the peer's calls that are kept here. Further calls are answered overloaded. */
	wordsInFlight: number;
	/** Words that wait to be written. Above it our own calls fail and the peer's are answered overloaded. */
	queuedWords: number;
	/**
	 * Small messages (Finish, Release, Resolve, exceptions, …) that wait to be written. When few are left nothing more is read from the
	 * peer until some are out; one that never reads is cut off. What one message sets off may go beyond it, into the vat's messages.
	 */
	control: number;
}

/** Node: tables grow up to these. 4 Mi words are 32 MiB. */
export const NODE_LIMITS: Readonly<ConnectionLimits> = Object.freeze({
	questions: 4096,
	answers: 4096,
	exports: 65536,
	imports: 65536,
	embargoes: 1024,
	wordsInFlight: 4194304,
	queuedWords: 4194304,
	control: 16384,
});

/** A device: everything is made at start-up. */
export const DEVICE_LIMITS: Readonly<ConnectionLimits> = Object.freeze({
	questions: 8,
	answers: 8,
	exports: 8,
	imports: 8,
	embargoes: 2,
	wordsInFlight: 2048,
	queuedWords: 2048,
	control: 8,
});
