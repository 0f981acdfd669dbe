import { type Call, type Exception, type Hook, type Pools, StructBuilder, StructReader } from "vatlet/runtime";
import { Method, PEER_HIGH, PEER_LOW } from "./peer-server.js";

/** Calls a method of peer.capnp. `text` resolves to the text results; both reject with the exception. */
export function send(
	pools: Pools,
	hook: Hook,
	method: number,
	build: (params: StructBuilder) => void = () => {},
): { call: Call; done: Promise<StructReader>; text: Promise<string> } {
	const call = pools.takeCall();
	call.start(hook, PEER_HIGH, PEER_LOW, method);
	build(call.initParams(new StructBuilder(), 1, 2));
	let text: (value: string) => void;
	let textFailed: (exception: Exception) => void;
	const texts = new Promise<string>((resolve, reject) => ((text = resolve), (textFailed = reject)));
	texts.catch(() => {});
	const done = new Promise<StructReader>((resolve, reject) => {
		call.sendAndHold({
			returned(answered) {
				const results = answered.readResults(new StructReader());
				if (method === Method.ECHO || method === Method.CALL_BACK || method === Method.FORWARD) text(results.text(0));
				resolve(results);
			},
			failed(_answered, exception) {
				textFailed(exception);
				reject(exception);
			},
		});
	});
	done.catch(() => {});
	return { call, done, text: texts };
}
