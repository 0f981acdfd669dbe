import type { Clause } from "./clauses.js";

const calls = "rpc/calls.spec.ts";
const cancel = "rpc/cancel.spec.ts";
const chains = "rpc/embargo-chains.spec.ts";
const cycles = "rpc/cycles.spec.ts";
const embargo = "rpc/embargo.spec.ts";
const facade = "facade/facade.node.spec.ts";
const hostile = "rpc/hostile.spec.ts";
const protocol = "rpc/protocol-errors.spec.ts";
const life = "vat/network-life.node.spec.ts";
const levels = "rpc/levels.spec.ts";
const lifetimes = "rpc/lifetimes.spec.ts";
const net = "hosts/node-net.node.spec.ts";
const references = "facade/references.node.spec.ts";
const vat = "vat/vat.spec.ts";

const of =
	(where: string) =>
	(says: string, file: string, name: string): Clause => ({ where, says, spec: [file, name] });
const call = of("Calls and capabilities");
const embargoed = of("Embargo");
const canceled = of("Cancel");
const cycle = of("Cycles");
const resolve = of("Resolve");
const lifetime = of("Lifetimes");
const network = of("Network");
const regression = of("Regressions others had");

/**
 * Every behaviour that the suites and bug histories of other implementations name, and the spec that holds it here. Those of `rpc/` go
 * message by message and end with empty tables and full pools. `clauses.node.spec.ts` checks that each spec named here exists.
 */
export const BEHAVIOURS: readonly Clause[] = [
	call("own capability returns as itself", calls, "own capability returns as itself"),
	call(
		"error breaks the bootstrap and frees arguments",
		calls,
		"a bootstrap that fails breaks what was called on it, and frees the arguments",
	),
	call("bootstrap-then-call sequence", calls, "bootstrap, then call"),
	call("one capability twice in a message", calls, "one capability twice in a message is one export, counted twice"),
	call(
		"fields of a pending bootstrap, also after its release",
		calls,
		"fields of a pending bootstrap work after it was released",
	),
	call("the same field twice is one object", calls, "the same field twice is one object, before and after the answer"),
	call("one export for many sends", calls, "one export for many sends, given back in one Release"),
	call(
		"a promise's field sent back arrives as the direct object",
		levels,
		"a field that is not there yet can be passed back to its own vat",
	),

	embargoed(
		"answer echoes the caller's capability",
		embargo,
		"an answer that echoes the caller's capability delivers pipelined calls before direct ones",
	),
	embargoed("resolves to a promised answer", chains, "an answer that resolves to a promised answer of ours"),
	embargoed("through Resolve", embargo, "a promise resolves to the caller's own capability through Resolve"),
	embargoed("missing capability in a local answer", embargo, "a missing capability in a local answer needs no embargo"),
	embargoed("answer → remote promise → local", chains, "an answer, then a promise of the peer, then our capability"),
	embargoed(
		"local answer → peer's capability while messages bounce",
		chains,
		"an answer of ours becomes the peer's capability while its calls bounce",
	),
	embargoed(
		"via a promise that switches",
		chains,
		"a promise that switches: ours, then the peer's, then another of the peer's, then our capability",
	),
	embargoed("local promise then remote", embargo, "a local promise, then remote: calls that waited go first"),
	embargoed(
		"two chained disembargoes",
		chains,
		"two chained disembargoes: one goes back only when the one before it has",
	),
	embargoed(
		"results-to-yourself",
		embargo,
		"results from another question (results to yourself): order holds for what was pipelined",
	),
	embargoed(
		"an already-answered question",
		chains,
		"a question that was answered before the pipelined call and the disembargo came",
	),
	embargoed(
		"target becomes broken",
		chains,
		"the target breaks while the disembargo is on its way: every call fails, in order",
	),
	embargoed(
		"capability breaks after export",
		chains,
		"a capability that breaks after it was exported: calls and the disembargo find it broken",
	),
	embargoed("pipelining on taken-from-other results", embargo, "the same with the other call still running"),
	embargoed(
		"crossed answers through three promises",
		chains,
		"crossed answers: three promises, each the answer of the next, two of them the peer's",
	),
	embargoed("two-hop embargo through a proxy", chains, "two hops: a proxy embargoes what its client embargoes too"),

	canceled("a pipelined field keeps its question alive", cancel, "a pipelined field keeps its question alive"),
	canceled(
		"real cancel gives a canceled Return",
		cancel,
		"letting go of a call tells the server and is answered canceled",
	),
	canceled("null and late results freed", cancel, "what a canceled call ends with is freed, capabilities too"),
	canceled(
		"cancel while resolving",
		cancel,
		"letting go while the answer is being told: of the call, of its field, of another call",
	),

	cycle("capability ↔ capability", cycles, "two promises of one vat that become each other break"),
	cycle("struct ↔ field", cycles, "a field of results that is that field breaks"),
	cycle("struct ↔ itself", cycles, "a call that ends as a call on its own results fails"),
	cycle("an answer containing a pipelined call on itself", cycles, "a call on its own results is refused"),
	cycle("field → other field is fine", cycles, "results may hold one field in another"),
	cycle("through a blocker", cycles, "through a promise that was not known when the knot was tied"),

	resolve(
		"promise → the client's own capability, used locally",
		embargo,
		"a promise resolves to the caller's own capability through Resolve",
	),
	resolve(
		"after the client released it",
		levels,
		"a Resolve for a promise that was released: what it brings is released",
	),
	resolve("no Resolve for a removed export", levels, "no Resolve for a promise that the peer released"),
	resolve("to a not-yet-seen export", lifetimes, "a promise resolves to a capability that was never exported before"),
	resolve("Finish that releases several imports", lifetimes, "a Finish may release several results at once"),
	resolve(
		"proxy freed, import kept for forwarding",
		lifetimes,
		"a proxy that forgets a capability goes on forwarding what others call on it",
	),

	lifetime(
		"structs, fields and promises count right",
		lifetimes,
		"results, their fields and what those became are counted apart: the question ends with the last of them",
	),
	lifetime("promises count right", lifetimes, "a promise and what it became are counted apart"),
	lifetime("level-0 flags both ways", levels, "a peer of level 0 releases params and results by flags"),
	lifetime("Unimplemented for Resolve", levels, "a peer that does not implement Resolve: what was in it is released"),
	lifetime("Unimplemented for Bootstrap", levels, "a peer that does not implement bootstrap: it breaks"),
	lifetime("Unimplemented for Call", levels, "a peer that does not implement calls: they fail as unimplemented"),
	lifetime(
		"broken return",
		lifetimes,
		"results that cannot be read fail that call's reader, and cost the connection that sent them",
	),
	lifetime("broken call", calls, "null and broken capabilities in params"),
	lifetime("broken connection", lifetimes, "what is called after the connection has ended fails, and nothing is sent"),
	lifetime(
		"callbacks on imports are not lost to the garbage collector",
		references,
		"what waits for a reference to break hears of it, though nobody else holds the reference",
	),
	lifetime("leaks found while resolving", references, "a reference forgotten while its call hangs cancels that call"),
	lifetime(
		"connection lost with every table populated",
		hostile,
		"vanishes with every table populated: all is given back",
	),

	network("TLS", net, "authenticates both ends by their keys and carries bytes both ways"),
	network("wrong digest", net, "says which key it saw when the peer is another vat"),
	network("out-of-order replies", calls, "answers come in any order, and a slow call holds nobody up"),
	network("registry with delayed answer", life, "wait for a registry that answers when it can"),
	network(
		"calculator: values, local and remote functions, shared results",
		"examples/calculator.node.spec.ts",
		"evaluates, pipelines, defines functions and calls those of its client",
	),
	network(
		"sturdy ref round trips",
		"vat/persistence.spec.ts",
		"is saved over the network, and restored from what was saved",
	),
	network("own sturdy ref is local", vat, "uses its own services without a network"),
	network("table restorer", vat, "gives each id its service, until it is removed"),
	network(
		"loader restorer: caching, one load per id at a time",
		"vat/persistence.spec.ts",
		"loads once for all who ask, and again when nobody holds it any more",
	),
	network("loader restorer: failure not cached", "vat/persistence.spec.ts", "does not remember a failure"),
	network("broken references: server dies", facade, "breaks references when the other vat goes, and says why"),
	network(
		"broken references: follows promise",
		references,
		"a promise holds calls back, in order, until it is resolved; or breaks them",
	),
	network("broken references: immediate", references, "a broken reference fails every call with its reason"),
	network("broken references: none after release", facade, "refuses calls through a released reference"),
	network("parallel connects share", vat, "has one connection for each peer, whoever asks and whoever dialled"),
	network(
		"parallel failures, then restart works",
		life,
		"fail in parallel where nobody listens, and share one connection once somebody does",
	),
	network("crossed calls", vat, "keeps the connection of the greater identity when both dial at once"),
	network(
		"store: save, restart, reconnect",
		"facade/persistence.node.spec.ts",
		"is found again by a reference that reconnects",
	),
	network(
		"late bootstrap, client gone first",
		lifetimes,
		"a client that goes before its bootstrap is answered leaves nothing behind",
	),
	network("listen address forms", "net/address.spec.ts", "is read and printed in its three forms"),

	regression(
		"reconnect race: break is notified before the old connection is gone",
		vat,
		"who dials again when told of a break gets a new connection once the old one is gone",
	),
	regression(
		"peer leaves before the bootstrap answer",
		lifetimes,
		"a client that goes before its bootstrap is answered leaves nothing behind",
	),
	regression("own ref dialled over the network", vat, "uses its own services without a network"),
	regression(
		"sending after disconnect",
		lifetimes,
		"what is called after the connection has ended fails, and nothing is sent",
	),
	regression(
		"socket closed before the Abort is flushed",
		"net/channel.spec.ts",
		"writes what is queued before it ends the stream",
	),
	regression(
		"reference not transferred on resolve",
		lifetimes,
		"a capability that a peer keeps is told of what it becomes, whoever still holds it here",
	),
	regression("descriptors leaked on failed connect", life, "leave no descriptor behind, whatever the reason"),
	regression("small writes with Nagle", life, "does not hold a small write back for the answer to the one before"),
	regression(
		"idle connection dropped silently",
		life,
		"asks after sixty idle seconds whether the other end is still there, on both sides",
	),
	regression(
		"a missing client certificate rejects one connection only",
		net,
		"turns away a client without a certificate, and that one only",
	),
	regression(
		"empty object id as null pointer",
		lifetimes,
		"a bootstrap without an object id, or with an empty one, is a null pointer on the wire",
	),
	regression("file modes of keys", net, "is made once, for its owner only, and stays the same"),
	regression(
		"file modes of capability files",
		"hosts/node-files.node.spec.ts",
		"holds one reference, for its owner only",
	),
	regression(
		"8 KiB allocated per small message",
		"xs/alloc.xs.spec.ts",
		"is allocated by calls and their answers between two sealed vats",
	),
	regression(
		"receive loop blocked by a slow call",
		calls,
		"answers come in any order, and a slow call holds nobody up",
	),
	regression(
		"bad question id panics",
		protocol,
		"a return for no question ends the connection with one Abort that says why",
	),
	regression(
		"packed decoder hangs",
		"hostile/packed-bomb.spec.ts",
		"that claim a gibibyte in five bytes are refused by the table they unpack to",
	),
];
