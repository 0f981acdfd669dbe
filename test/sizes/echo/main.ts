/** The smallest program with both sides of an interface: two vats in it that hand each other messages, and one call. */
import { type Call, ExceptionType, type Message, Pools, type ReturnHandler, TextReader } from "vatlet/runtime";
import {
	EchoClient,
	type EchoRepeatCall,
	type EchoSayCall,
	EchoSayResultsReader,
	EchoServer,
} from "../../../examples/echo/echo.capnp.js";
import { Connection } from "../../../src/rpc/connection.js";
import type { Sender } from "../../../src/rpc/state.js";

class LocalEcho extends EchoServer {
	readonly #text = new TextReader();

	say(call: EchoSayCall): void {
		call.results.copyReply(call.params.readText(this.#text));
		call.done();
	}

	repeat(call: EchoRepeatCall): void {
		call.fail(ExceptionType.UNIMPLEMENTED, "says things once");
	}
}

/** What one side sends lies in the other's memory until that has time for it. */
class Line implements Sender {
	readonly queuedWords = 0;
	readonly #queue: Message[] = [];
	readonly #pools: Pools;

	/** Those of the receiver. */
	constructor(pools: Pools) {
		this.#pools = pools;
	}

	send(message: Message): void {
		const copy = this.#pools.messages.take()!;
		for (let i = 0; i < message.segmentCount; i++) {
			const { bytes, startByte, endByte, lengthWords } = message.segmentAt(i);
			const to = copy.arena.reserve(lengthWords)!;
			to.bytes.set(bytes.subarray(startByte, endByte), to.startByte);
		}
		copy.arena.openForReading();
		message.release();
		this.#queue.push(copy);
	}

	shut(): void {}

	deliver(to: Connection): boolean {
		const message = this.#queue.shift();
		if (message !== undefined) to.receive(message);
		return message !== undefined;
	}
}

class Answer implements ReturnHandler {
	text = "";

	returned(call: Call): void {
		this.text = call.readResults(new EchoSayResultsReader()).getReply();
	}

	failed(): void {}
}

/** What the server says to `text`. */
export function echo(text: string): string {
	const near = new Pools();
	const far = new Pools();
	const server = new LocalEcho();
	const out = new Line(far);
	const back = new Line(near);
	const there = new Connection({
		pools: far,
		sender: back,
		bootstrap: {
			bootstrap(call) {
				call.resultsAny().setHook(server.hook);
				call.done();
			},
		},
	});
	const here = new Connection({ pools: near, sender: out });
	const client = new EchoClient(near, here.bootstrap());
	const answer = new Answer();
	const request = client.startSay();
	request.params.setText(text);
	request.send(answer);
	while (out.deliver(there) || back.deliver(here));
	return answer.text;
}
