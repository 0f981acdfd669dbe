import { type ChildProcess, spawn, execFile } from "node:child_process";
import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { Call, Exception, ExceptionType, type Hook, Path, Pools, Request, Stream, StructBuilder } from "vatlet/runtime";
import { buildPeer } from "./build-peer.js";
import { send } from "./peer-call.js";
import { Counters, Method, PEER_HIGH, PEER_LOW, PeerServer } from "./peer-server.js";
import { Provider } from "../rpc/pair.js";
import { SocketPeer } from "./socket.js";
import { Cleanup } from "../support/cleanup.node.js";
import { until, within } from "../support/waiting.js";

function field(call: Call, index: number): Hook {
	const path = new Path();
	path.add(index);
	return call.takePipelined(path);
}

describe("C++ peer", () => {
	let program = "";
	const cleanup = Cleanup.afterEach();
	let folder: string;

	beforeAll(async () => {
		program = await buildPeer();
	}, 240_000);
	beforeEach(() => void (folder = cleanup.folder()));

	/** Starts it and connects. */
	async function dial(address: string): Promise<{ peer: SocketPeer; pools: Pools; root: Hook }> {
		const child: ChildProcess = spawn(program, ["serve", address], { stdio: ["ignore", "pipe", "inherit"] });
		cleanup.child(child);
		const [line] = (await within(once(child.stdout!, "data"), { what: "the port of the C++ peer" })) as [Buffer];
		const socket: Socket = address.startsWith("unix:")
			? connect(address.slice(5))
			: connect(Number(line.toString()), "127.0.0.1");
		cleanup.socket(socket);
		await within(once(socket, "connect"), { what: "a connection with the C++ peer" });
		const pools = new Pools({ guarded: true });
		const peer = new SocketPeer(socket, { pools });
		return { peer, pools, root: peer.connection.bootstrap() };
	}

	for (const unix of [false, true]) {
		describe("serving on " + (unix ? "a Unix socket" : "TCP"), () => {
			let peer: SocketPeer, pools: Pools, root: Hook;
			beforeEach(async () => {
				({ peer, pools, root } = await dial(unix ? "unix:" + join(folder, "served") : "127.0.0.1:0"));
			});

			const echo = (hook: Hook, text: string) => {
				const sent = send(pools, hook, Method.ECHO, (params) => params.putText(0, text));
				const result = sent.text.finally(() => sent.call.release());
				return result;
			};

			it("answers, with pipelined calls three deep", async () => {
				expect(await echo(root, "héllo")).toBe("héllo");
				const one = send(pools, root, Method.MAKE);
				const first = field(one.call, 0);
				const two = send(pools, first, Method.MAKE);
				const second = field(two.call, 0);
				expect(await echo(second, "deep")).toBe("deep");
				for (const thing of [one.call, two.call, first, second]) thing.release();
				root.release();
				await until(() => peer.connection.empty);
				expect(pools.calls.used).toBe(0);
			});

			for (const later of [false, true])
				it(
					"keeps the order of calls on " +
						(later ? "a promise that resolves to our capability" : "our capability echoed"),
					async () => {
						const counters = new Counters();
						const mine = new PeerServer(pools, counters);
						const given = send(pools, root, later ? Method.LATER : Method.IDENTITY, (params) =>
							params.putHook(0, mine.hook),
						);
						const cap = field(given.call, 0);
						const calls: ReturnType<typeof send>[] = [];
						const call = (number: number) =>
							calls.push(send(pools, cap, Method.SEQUENCE, (params) => params.putUint32(0, number)));
						for (let i = 0; i < 3; i++) call(i);
						if (later) {
							const settled = send(pools, root, Method.SETTLE);
							await settled.done;
							settled.call.release();
						} else await given.done;
						for (let i = 3; i < 6; i++) call(i);
						await echo(root, "pause");
						for (let i = 6; i < 9; i++) call(i);
						for (const { done } of calls) await done;
						expect(cap.resolved()).toBe(mine.hook);
						for (const { call: one } of calls) one.release();
						cap.release();
						given.call.release();
						root.release();
						await until(() => peer.connection.empty);
						expect(mine.hook.refs).toBe(0);
					},
				);

			it("calls back, makes tail calls, fails, is canceled", async () => {
				const mine = new PeerServer(pools, new Counters());
				for (const method of [Method.CALL_BACK, Method.FORWARD]) {
					const sent = send(pools, root, method, (params) => {
						params.putHook(0, mine.hook);
						params.putText(1, "there and back");
					});
					expect(await sent.text).toBe("there and back");
					sent.call.release();
				}
				const home = send(pools, root, Method.FORWARD, (params) => {
					params.putHook(0, root);
					params.putText(1, "home");
				});
				expect(await home.text).toBe("home");
				home.call.release();
				const failing = send(pools, root, Method.FAIL, (params) => params.putText(0, "as asked"));
				const exception = (await failing.done.catch((error: unknown) => error)) as Exception;
				expect(exception.type).toBe(ExceptionType.OVERLOADED);
				expect(exception.reason).toContain("as asked");
				failing.call.release();
				send(pools, root, Method.HANG).call.release();
				const counted = send(pools, root, Method.CANCELED);
				expect((await counted.done).uint32(0)).toBe(1);
				counted.call.release();
				root.release();
				await until(() => peer.connection.empty);
			});

			it("takes a stream through a window, and is done when all of it has arrived", async () => {
				const log: string[] = [];
				let wake = (): void => {};
				const stream = new Stream(
					{
						streamReady: () => wake(),
						streamDone: () => (log.push("done"), wake()),
						streamFailed: (_stream, exception) => (log.push(exception.reason), wake()),
					},
					4000,
				);
				const bytes = new Uint8Array(1000);
				let waits = 0;
				for (let i = 0; i < 100; i++) {
					const request = new Request();
					request.call = pools.takeCall();
					request.call.start(root, PEER_HIGH, PEER_LOW, Method.WRITE);
					request.call.initParams(new StructBuilder(), 0, 1).putData(0, bytes);
					if (stream.send(request)) continue;
					waits++;
					expect(stream.inFlightBytes).toBeLessThan(6000);
					await within(new Promise<void>((resolve) => (wake = resolve)), { what: "room in the stream's window" });
				}
				const ended = new Promise<void>((resolve) => (wake = resolve));
				stream.done();
				if (log.length === 0) await within(ended, { what: "the stream's end" });
				expect(log).toEqual(["done"]);
				expect(waits).toBeGreaterThan(20);
				const written = send(pools, root, Method.WRITTEN);
				expect((await written.done).uint32(0)).toBe(100_000);
				written.call.release();
				root.release();
				await until(() => peer.connection.empty);
			});

			it("goes away: everything breaks, nothing stays", async () => {
				const hanging = send(pools, root, Method.HANG);
				const made = send(pools, root, Method.MAKE);
				await made.done;
				const cap = field(made.call, 0);
				send(pools, root, Method.DISCONNECT).call.addRef();
				const exception = (await hanging.done.catch((error: unknown) => error)) as Exception;
				expect(exception.type).toBe(ExceptionType.DISCONNECTED);
				expect(exception.reason).toBe("Connection closed");
				expect(cap.resolved().broken!.reason).toBe("Connection closed");
				expect(peer.connection.empty).toBe(true);
			});
		});
	}

	it("checks us, over TCP and over a Unix socket", async () => {
		for (const address of ["tcp", "unix:" + join(folder, "ours")]) {
			const pools = new Pools({ guarded: true });
			const counters = new Counters();
			const peers: SocketPeer[] = [];
			const server = createServer((socket) => {
				cleanup.socket(socket);
				const root = new PeerServer(pools, counters, true);
				peers.push(new SocketPeer(socket, { pools, bootstrap: new Provider(root.hook) }));
			});
			cleanup.server(server);
			if (address === "tcp") server.listen(0, "127.0.0.1");
			else server.listen(address.slice(5));
			await once(server, "listening");
			const where = address === "tcp" ? "127.0.0.1:" + (server.address() as { port: number }).port : address;
			const result = await new Promise<string>((resolve) => {
				execFile(program, ["check", where], { timeout: 60_000 }, (error, _stdout, stderr) =>
					resolve(error === null ? "" : stderr || String(error)),
				);
			});
			expect(result).toBe("");
			await until(() => peers[0]!.connection.ended !== null);
			expect(peers[0]!.connection.empty).toBe(true);
			expect(pools.calls.used).toBe(0);
		}
	});
});
