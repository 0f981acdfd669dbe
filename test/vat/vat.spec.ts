import { Exception, ExceptionType } from "vatlet/runtime";
import { Reconnecting } from "../../src/vat/reconnecting.js";
import { TableRestorer } from "../../src/vat/restorer.js";
import { Adder, at, type Outcome, serving, sums, World, zeros } from "./world.js";

describe("a vat", () => {
	it("reaches the bootstrap service of another, with calls made before the connection was there", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const device = world.vat(1);
		hub.vat.listen(at(1));
		const hook = device.vat.import(hub.uri(1));
		const outcome = device.ask(hook, 41);
		world.settle();
		expect(outcome.number).toBe(42);
		expect(device.log).toEqual(["up"]);
		hook.release();
		world.settle();
		expect(device.vat.peers[0]!.connection!.empty).toBeTrue();
		expect(hub.vat.peers[0]!.connection!.empty).toBeTrue();
	});

	it("has one connection for each peer, whoever asks and whoever dialled", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const device = world.vat(1, serving(new Adder()));
		hub.vat.listen(at(1));
		device.vat.listen(at(2));
		const first = device.vat.import(hub.uri(1));
		const second = device.vat.import(hub.uri(1));
		world.settle();
		const back = hub.vat.import(device.uri(2));
		const outcome = hub.ask(back, 1);
		world.settle();
		expect(outcome.number).toBe(2);
		expect(world.network.streams.length).toBe(1);
		for (const hook of [first, second, back]) hook.release();
	});

	it("keeps the connection of the greater identity when both dial at once", () => {
		const world = new World();
		const great = world.vat(9, serving(new Adder()));
		const small = world.vat(1, serving(new Adder()));
		great.vat.listen(at(1));
		small.vat.listen(at(2));
		const there = small.vat.import(great.uri(1));
		const back = great.vat.import(small.uri(2));
		const outcome = great.ask(back, 2);
		world.settle();
		expect(outcome.number).toBe(3);
		there.release();
		const again = small.ask(small.vat.import(great.uri(1)), 1);
		world.settle();
		expect(again.number).toBe(2);
		expect(great.vat.peers.length).toBe(1);
		expect(small.vat.peers.length).toBe(1);
		expect(great.vat.peers[0]!.connection!.ended).toBeNull();
		expect(small.vat.peers[0]!.connection!.ended).toBeNull();
		expect(world.network.streams.filter((stream) => !stream.left.isClosed).length).toBe(1);
	});

	it("uses its own services without a network", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const hook = hub.vat.import(hub.uri(1));
		const outcome = hub.ask(hook, 5);
		expect(outcome.number).toBe(6);
		expect(world.network.streams.length).toBe(0);
	});

	it("never shares a connection with an insecure peer", () => {
		const world = new World();
		const hub = world.vat(null, serving(new Adder()));
		const device = world.vat(1);
		hub.vat.listen(at(1));
		device.vat.import(hub.uri(1));
		device.vat.import(hub.uri(1));
		world.settle();
		expect(world.network.streams.length).toBe(2);
	});

	it("breaks what it could not reach, and tries anew for the next import", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const device = world.vat(1);
		const outcome = device.ask(device.vat.import(hub.uri(1)), 1);
		world.settle();
		expect(outcome.exception!.reason).toContain("nobody listens");
		expect(device.vat.peers).toEqual([]);
		hub.vat.listen(at(1));
		const again = device.ask(device.vat.import(hub.uri(1)), 1);
		world.settle();
		expect(again.number).toBe(2);
	});

	it("takes a peer that came back while its old stream still seemed alive", () => {
		const world = new World();
		const hub = world.vat(9, serving(new Adder()));
		const device = world.vat(1);
		hub.vat.listen(at(1));
		device.ask(device.vat.import(hub.uri(1)), 1);
		world.settle();
		world.network.blocked.add(world.network.streams[0]!);
		const restarted = world.vat(1);
		const outcome = restarted.ask(restarted.vat.import(hub.uri(1)), 1);
		world.settle();
		expect(outcome.number).toBe(2);
		expect(hub.vat.peers.length).toBe(1);
		expect(hub.log).toEqual(["up", "down: Closing duplicate connection", "up"]);
	});

	it("who dials again when told of a break gets a new connection once the old one is gone", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const device = world.vat(1);
		hub.vat.listen(at(1));
		device.ask(device.vat.import(hub.uri(1)), 1);
		world.settle();
		const outcomes: Outcome[] = [];
		const down = device.peerDown.bind(device);
		device.peerDown = (peer, reason) => {
			down(peer, reason);
			// The stream of the old one is still there: its last bytes are being written.
			expect(peer.connection).not.toBeNull();
			outcomes.push(device.ask(device.vat.import(hub.uri(1)), 4));
			expect(world.network.streams.length).toBe(1);
		};
		device.vat.peers[0]!.close(new Exception(ExceptionType.DISCONNECTED, "tired of this one"));
		world.settle();
		expect(outcomes[0]!.number).toBe(5);
		expect(device.log).toEqual(["up", "down: tired of this one", "up"]);
		expect(world.network.streams.length).toBe(2);
		expect(device.vat.peers.length).toBe(1);
	});

	it("tells its peers why it closes and says when all are gone", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const device = world.vat(1);
		hub.vat.listen(at(1));
		const outcome = device.ask(device.vat.import(hub.uri(1)), 1);
		world.settle();
		expect(outcome.number).toBe(2);
		hub.vat.close();
		world.settle();
		expect(hub.log).toEqual(["up", "down: Connection closed", "closed"]);
		expect(device.log).toEqual(["up", "down: Connection closed"]);
		expect(device.vat.peers).toEqual([]);
	});

	it("turns away a client that has its own key", () => {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const twin = world.vat(2);
		hub.vat.listen(at(1));
		twin.vat.import({ ...hub.uri(1), digest: null });
		world.settle();
		const dialled = hub.log.length;
		world.network.dial(at(1), { digest: hub.vat.digest!, derive() {} }, null, 0, { dialled() {}, failed() {} });
		world.settle();
		expect(hub.log.slice(dialled).join()).toContain("own key");
	});
});

describe("a table restorer", () => {
	it("gives each id its service, until it is removed", () => {
		const world = new World();
		const table = new TableRestorer(sums);
		const adder = new Adder();
		const id = new Uint8Array([200, 1, 255]);
		table.add(id, adder.hook);
		const hub = world.vat(2, table);
		const device = world.vat(1);
		hub.vat.listen(at(1));
		const known = device.ask(device.vat.import(hub.uri(1, id)), 1);
		const unknown = device.ask(device.vat.import(hub.uri(1, new Uint8Array([7]))), 1);
		const empty = device.ask(device.vat.import(hub.uri(1)), 1);
		world.settle();
		expect(known.number).toBe(2);
		expect(unknown.exception!.reason).toBe("Unknown persistent service ID");
		expect(empty.exception!.reason).toBe("Unknown persistent service ID");
		expect(table.remove(id)).toBeTrue();
		expect(table.remove(id)).toBeFalse();
		device.vat.close();
		world.settle();
		expect(adder.released_).toBe(1);
	});
});

describe("a reconnecting reference", () => {
	function reconnecting() {
		const world = new World();
		const hub = world.vat(2, serving(new Adder()));
		const device = world.vat(1);
		const log: string[] = [];
		const reference = new Reconnecting({
			vat: device.vat,
			uri: hub.uri(1),
			clock: world.clock,
			entropy: zeros,
			backoffMs: 100,
			backoffMaxMs: 400,
			handler: {
				connected: () => log.push("connected"),
				disconnected: (_reason, retryMs) => log.push("retry in " + retryMs),
			},
		});
		return { world, hub, device, log, reference };
	}

	it("waits longer each time, and not so after it was connected", () => {
		const { world, hub, log, reference } = reconnecting();
		reference.start();
		world.settle();
		world.pass(500);
		expect(log).toEqual(["retry in 50", "retry in 100", "retry in 200", "retry in 200"]);
		hub.vat.listen(at(1));
		world.pass(500);
		expect(log.slice(4)).toEqual(["connected"]);
		world.network.cut();
		world.settle();
		expect(log.at(-1)).toBe("retry in 50");
		world.pass(60);
		expect(log.at(-1)).toBe("connected");
		reference.stop();
		hub.vat.close();
		world.settle();
		// Of all the connections that there were none keeps an alarm: devices have few.
		expect(world.clock.alarms).toBe(0);
	});

	it("fails what was in flight as disconnected and does not repeat it", () => {
		const { world, hub, device, reference } = reconnecting();
		hub.vat.listen(at(1));
		reference.start();
		world.settle();
		world.network.blocked.add(world.network.streams[0]!);
		const outcome = device.ask(reference.hook!, 1);
		world.settle();
		world.network.blocked.clear();
		world.network.cut();
		world.settle();
		expect(outcome.exception!.reason).toContain("Connection closed");
		expect(reference.hook).toBeNull();
		world.pass(1000);
		expect(outcome.number).toBe(-1);
		expect(device.ask(reference.hook!, 1).exception).toBeNull();
		reference.stop();
	});

	it("stops for good", () => {
		const { world, log, reference } = reconnecting();
		reference.start();
		reference.stop();
		world.pass(5000);
		expect(log).toEqual([]);
	});
});
