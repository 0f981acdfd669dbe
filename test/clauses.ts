/**
 * Every promise that rpc.capnp makes or asks for, and where it is kept: the spec that would fail without it, or why it is
 * deferred. `clauses.node.spec.ts` checks that each spec named here exists.
 */
export interface Clause {
	/** Where in rpc.capnp. */
	where: string;
	/** In our words. */
	says: string;
	/** File below test/ and the name of a spec in it. */
	spec?: readonly [file: string, name: string];
	deferred?: string;
}

const calls = "rpc/calls.spec.ts";
const chains = "rpc/embargo-chains.spec.ts";
const cycles = "rpc/cycles.spec.ts";
const lifetimes = "rpc/lifetimes.spec.ts";
const embargo = "rpc/embargo.spec.ts";
const cancel = "rpc/cancel.spec.ts";
const hostile = "rpc/hostile.spec.ts";
const protocol = "rpc/protocol-errors.spec.ts";
const levels = "rpc/levels.spec.ts";
const simulation = "simulation/simulation.node.spec.ts";
const cpp = "interop/cpp.node.spec.ts";

export const CLAUSES: readonly Clause[] = [
	{
		where: "Overview",
		says: "Calls on one reference are delivered in the order they were made (E-order)",
		spec: [
			simulation,
			"random programs on two to five vats: calls reach whom they should, in order, and nothing stays",
		],
	},
	{
		where: "QuestionId",
		says: "Ids of the two directions are independent",
		spec: [calls, "a capability passed in params can be called, and is released when the server lets go"],
	},
	{
		where: "QuestionId",
		says: "An id is free again when both Finish was sent and Return received",
		spec: [cancel, "results that were on their way are freed by both"],
	},
	{
		where: "ExportId",
		says: "A capability that is exported again keeps its id and counts one more",
		spec: [calls, "one capability twice in a message is one export, counted twice"],
	},
	{
		where: "ExportId",
		says: "A promise is marked as such when it is sent",
		spec: [embargo, "a promise resolves to the caller's own capability through Resolve"],
	},
	{
		where: "Message.unimplemented",
		says: "What is not understood is sent back whole, and the connection lives",
		spec: [hostile, "sends what nobody understands: echoed once, never in a loop"],
	},
	{
		where: "Message.unimplemented",
		says: "A peer that does not know Call fails that call as unimplemented",
		spec: [levels, "a peer that does not implement calls: they fail as unimplemented"],
	},
	{
		where: "Message.unimplemented",
		says: "A peer that does not know Resolve keeps the promise; what it resolved to is released",
		spec: [levels, "a peer that does not implement Resolve: what was in it is released"],
	},
	{
		where: "Message.abort",
		says: "After a fatal error one Abort says why; everything breaks with that reason",
		spec: [protocol, "a question id twice ends the connection with one Abort that says why"],
	},
	{
		where: "Bootstrap",
		says: "The bootstrap capability is the only content of the results",
		spec: [calls, "bootstrap, then call"],
	},
	{
		where: "Bootstrap",
		says: "Calls may be pipelined on it",
		spec: [calls, "a call on the bootstrap travels with it"],
	},
	{
		where: "Bootstrap",
		says: "A vat without one answers with an exception",
		spec: [levels, "a vat without a bootstrap capability says so"],
	},
	{
		where: "Call.questionId",
		says: "May not be in use",
		spec: [protocol, "a question id twice ends the connection with one Abort that says why"],
	},
	{
		where: "Call.target",
		says: "A promised answer stands for a capability of its results, by the path of the transform",
		spec: [cpp, "answers, with pipelined calls three deep"],
	},
	{
		where: "Call.sendResultsTo.yourself",
		says: "Results stay with the callee, who says resultsSentElsewhere; the other question takes them",
		spec: [embargo, "results from another question (results to yourself): order holds for what was pipelined"],
	},
	{
		where: "Call.sendResultsTo.thirdParty",
		says: "Results for another vat",
		deferred: "level 3; answered as unimplemented",
	},
	{
		where: "Call.onlyPromisePipeline",
		says: "The caller wants the pipeline alone, no Return",
		spec: [
			levels,
			"a call whose pipeline alone is wanted gets no Return: neither results, nor a failure, nor when it is canceled",
		],
	},
	{
		where: "Return.releaseParamCaps",
		says: "True releases what the params brought; nothing else may then",
		spec: [levels, "a peer of level 0 releases params and results by flags"],
	},
	{
		where: "Return.noFinishNeeded",
		says: "The answer is forgotten; a Finish that comes all the same is ignored",
		spec: [levels, "a Finish for an answer that needed none is ignored"],
	},
	{
		where: "Return.exception",
		says: "Type and reason reach the caller",
		spec: [calls, "the reason and type of an exception arrive"],
	},
	{
		where: "Return.canceled",
		says: "Answers a call whose Finish came first",
		spec: [cancel, "letting go of a call tells the server and is answered canceled"],
	},
	{
		where: "Return.takeFromOtherQuestion",
		says: "Once per question, which must have been sent with yourself",
		spec: [protocol, "results taken from a question that has none ends the connection with one Abort that says why"],
	},
	{
		where: "Return.awaitFromThirdParty",
		says: "Results from another vat",
		deferred: "level 3; never allowed by our calls",
	},
	{
		where: "Finish.releaseResultCaps",
		says: "True releases what the results brought",
		spec: [levels, "a peer of level 0 releases params and results by flags"],
	},
	{
		where: "Finish",
		says: "Before the Return it asks to cancel",
		spec: [cancel, "letting go of a call tells the server and is answered canceled"],
	},
	{ where: "Resolve", says: "One per promise", spec: [hostile, "resolves a promise to itself, and twice"] },
	{
		where: "Resolve",
		says: "For a promise released meanwhile: what it brings is released",
		spec: [levels, "a Resolve for a promise that was released: what it brings is released"],
	},
	{
		where: "Resolve",
		says: "None for an export that is gone",
		spec: [levels, "no Resolve for a promise that the peer released"],
	},
	{
		where: "Release",
		says: "Gives back as many references as were received, at once",
		spec: [calls, "one capability twice in a message is one export, counted twice"],
	},
	{
		where: "Disembargo",
		says: "Calls on a promise that became local wait until those before have come back",
		spec: [embargo, "an answer that echoes the caller's capability delivers pipelined calls before direct ones"],
	},
	{
		where: "Disembargo",
		says: "The target must lead back to the sender",
		spec: [protocol, "a disembargo of what is not the sender's ends the connection with one Abort that says why"],
	},
	{
		where: "Disembargo: Tribble 4-way race",
		says: "A promise is resolved to what it became then, not to what that became later",
		spec: [
			simulation,
			"random programs on two to five vats: calls reach whom they should, in order, and nothing stays",
		],
	},
	{
		where: "Disembargo.accept, Provide, Accept, Join",
		says: "Handoff and join",
		deferred: "levels 3 and 4; echoed as unimplemented",
	},
	{
		where: "CapDescriptor.receiverHosted",
		says: "A capability of the receiver comes back as itself",
		spec: [calls, "own capability returns as itself"],
	},
	{
		where: "CapDescriptor.receiverAnswer",
		says: "A capability in an answer of the receiver",
		spec: [levels, "a field that is not there yet can be passed back to its own vat"],
	},
	{
		where: "CapDescriptor.thirdPartyHosted",
		says: "Level 1 and 2 use the vine",
		spec: [levels, "a capability of a third party is used through its vine"],
	},
	{
		where: "CapDescriptor.attachedFd",
		says: "File descriptors",
		deferred: "none of our transports carries them; ignored",
	},
	{
		where: "Exception.trace",
		says: "Only where it was asked for",
		spec: [levels, "where an exception happened is told to those who may know, and to nobody else"],
	},
	{
		where: "Bootstrap.deprecatedObjectId",
		says: "Names a service to those who know it so; none is a null pointer",
		spec: [lifetimes, "a bootstrap without an object id, or with an empty one, is a null pointer on the wire"],
	},
	{
		where: "Bootstrap.questionId",
		says: "May not be in use",
		spec: [protocol, "a bootstrap with a question id in use ends the connection with one Abort that says why"],
	},
	{
		where: "MessageTarget.importedCap",
		says: "An export of the receiver; an unknown one is an error",
		spec: [protocol, "a call on an unknown export ends the connection with one Abort that says why"],
	},
	{
		where: "MessageTarget",
		says: "A target of a kind that is not known is an error",
		spec: [protocol, "a call of a target of unknown kind ends the connection with one Abort that says why"],
	},
	{
		where: "PromisedAnswer.transform",
		says: "Only the operations that are known",
		spec: [protocol, "a transform with an unknown operation ends the connection with one Abort that says why"],
	},
	{
		where: "PromisedAnswer",
		says: "Of an answer that failed, every call fails with its reason",
		spec: [calls, "a call pipelined on an answer that has failed meanwhile gets its reason"],
	},
	{
		where: "Payload.capTable",
		says: "Capability pointers are indexes into it; one out of range is an error",
		spec: [protocol, "a capability index out of range ends the connection with one Abort that says why"],
	},
	{
		where: "CapDescriptor.none",
		says: "A null capability, whose calls fail",
		spec: [calls, "null and broken capabilities in params"],
	},
	{
		where: "CapDescriptor.senderHosted",
		says: "A new capability of the sender, to be released",
		spec: [calls, "a capability passed in params can be called, and is released when the server lets go"],
	},
	{
		where: "CapDescriptor.senderPromise",
		says: "Calls may be made on it before it resolves",
		spec: [chains, "an answer, then a promise of the peer, then our capability"],
	},
	{
		where: "Exception.type",
		says: "failed, overloaded, disconnected, unimplemented: what the caller can do",
		spec: [calls, "unknown interfaces and methods are unimplemented, in the words others match on"],
	},
	{
		where: "Resolve.exception",
		says: "Breaks the promise; calls on it fail with the reason",
		spec: [embargo, "resolving to an error lifts nothing and breaks the queued calls at once"],
	},
	{
		where: "Resolve",
		says: "A promise that is resolved to itself, on one side or by way of the other, breaks",
		spec: [cycles, "two promises of each of two vats, in a ring, with calls on their way: all break, nothing stays"],
	},
	{
		where: "Release.id",
		says: "More than were sent, none, or of an unknown export is an error",
		spec: [protocol, "a release of too many ends the connection with one Abort that says why"],
	},
	{
		where: "Disembargo.receiverLoopback",
		says: "Only for an embargo that there is",
		spec: [protocol, "a disembargo for no embargo ends the connection with one Abort that says why"],
	},
	{
		where: "Disembargo.senderLoopback",
		says: "Goes back behind the calls that came before it, also where those wait",
		spec: [chains, "two chained disembargoes: one goes back only when the one before it has"],
	},
	{
		where: "Return.results",
		says: "Only for a question that was to have them here",
		spec: [hostile, "returns twice, or results that were to stay with it: that ends the connection"],
	},
	{
		where: "Return.resultsSentElsewhere",
		says: "Only for a question that asked for it",
		spec: [hostile, "returns twice, or results that were to stay with it: that ends the connection"],
	},
	{
		where: "Call.noPromisePipelining",
		says: "The caller will not pipeline on the results",
		deferred: "a hint: results are kept until Finish all the same, which costs memory only",
	},
	{
		where: "Call.allowThirdPartyTailCall",
		says: "Results may come from a third vat",
		deferred: "level 3; never set by our calls, and ignored",
	},
	{
		where: "Finish.requireEarlyCancellationWorkaround",
		says: "Of old C++ releases that could not cancel early",
		deferred: "a workaround inside the sender's implementation; ignored",
	},
	{
		where: "Message.obsoleteSave, obsoleteDelete",
		says: "Persistence of old releases",
		deferred: "echoed as unimplemented, as every kind that is not known",
	},
];
