import { type Call, Exception, ExceptionType, Request, Stream } from "vatlet/runtime";
import { pair, TestServer } from "../rpc/pair.js";

function open(window: number) {
	const calls: Call[] = [];
	const p = pair(
		new TestServer((call) => {
			calls.push(call);
		}),
	);
	const root = p.root();
	const log: string[] = [];
	const stream = new Stream(
		{
			streamReady: () => log.push("ready"),
			streamDone: () => log.push("done"),
			streamFailed: (_stream, exception) => log.push("failed: " + exception.reason),
		},
		window,
	);
	const send = (): boolean => {
		const request = new Request();
		request.call = p.client.start(root);
		return stream.send(request);
	};
	return { p, root, calls, log, stream, send };
}

describe("stream", () => {
	it("fills its window, waits for answers, and is done when all have come", () => {
		const { p, root, calls, log, stream, send } = open(300);
		expect(send()).toBe(true);
		expect(send()).toBe(true);
		expect(send()).toBe(false);
		p.settle();
		expect(calls.length).toBe(3);
		calls.shift()!.done();
		p.settle();
		expect(log).toEqual(["ready"]);
		stream.done();
		for (const call of calls) call.done();
		p.settle();
		expect(log).toEqual(["ready", "done"]);
		expect(stream.inFlightBytes).toBe(0);
		root.release();
		p.end();
	});

	it("the first failure fails the rest, once", () => {
		const { p, root, calls, log, send, stream } = open(300);
		send();
		send();
		p.settle();
		for (const call of calls) call.fail(new Exception(ExceptionType.FAILED, "disk full"));
		p.settle();
		expect(log).toEqual(["failed: disk full"]);
		expect(send()).toBe(false);
		stream.done();
		expect(log).toEqual(["failed: disk full"]);
		root.release();
		p.end();
	});
});
