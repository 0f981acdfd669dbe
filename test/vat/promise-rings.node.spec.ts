import { PromiseHook } from "../../src/cap/promise.js";
import { SingleRestorer } from "../../src/vat/restorer.js";
import { at, World } from "./world.js";

describe("promises of three vats that become each other", () => {
	it("are seen by nobody: a call goes round until a budget ends it, fails as overloaded, and leaves nothing", () => {
		const world = new World();
		const promises = [1, 2, 3].map(() => new PromiseHook());
		const restorers = promises.map((promise) => new SingleRestorer(promise));
		const vats = [1, 2, 3].map((name, i) => {
			const node = world.vat(name, restorers[i]!);
			node.vat.listen(at(name));
			return node;
		});
		world.settle();
		promises.forEach((promise, i) => {
			const next = (i + 1) % 3;
			promise.resolve(vats[i]!.vat.import(vats[next]!.uri(next + 1)));
		});
		world.settle();
		const outcome = vats[0]!.ask(promises[0]!, 1);
		world.settle();
		expect(outcome.exception?.type).toBe(1);
		console.log(
			outcome.exception?.reason,
			vats.map((each) => each.pools.calls.used),
		);
		for (const promise of promises) promise.release();
		for (const restorer of restorers) restorer.close();
		for (const { vat } of vats) vat.close();
		world.settle();
		for (const { pools } of vats) {
			expect(pools.calls.used).toBe(0);
			expect(pools.pipelined.used).toBe(0);
		}
	});
});
