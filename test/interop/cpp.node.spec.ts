import { type ChildProcess, spawn, execFile } from "node:child_process";
import { createServer, connect, type Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { Call, Exception, ExceptionType, type Hook, Path, Pools, Request, Stream, StructBuilder } from "vatlet/runtime";
import { buildPeer } from "./build-peer.js";
import { send } from "./peer-call.js";
import { Counters, Method, PEER_HIGH, PEER_LOW, PeerServer } from "./peer-server.js";
import { Provider } from "../rpc/pair.js";
import { SocketPeer } from "./socket.js";

function field(call: Call, index: number): Hook {
	const path = new Path();
	path.add(index);
	return call.takePipelined(path);
}

describe("C++ peer", () => {
	let program = "";
	const children: ChildProcess[] = [];
	const folder = mkdtempSync(join(tmpdir(), "vatlet-"));

	beforeAll(async () => {
		program = await buildPeer();
	}, 120_000);
	afterAll(() => {
		for (const child of children) child.kill("SIGKILL");
		rmSync(folder, { recursive: true });
	});

	/** Starts it and connects. */
	async function dial(address: string): Promise<{ peer: SocketPeer; pools: Pools; root: Hook; child: ChildProcess }> {
		const child = spawn(program, ["serve", address], { stdio: ["ignore", "pipe", "inherit"] });
		children.push(child);
		const [line] = (await once(child.stdout!, "data")) as [Buffer];
		const socket: Socket = address.startsWith("unix:")
			? connect(address.slice(5))
			: connect(Number(line.toString()), "127.0.0.1");
		await once(socket, "connect");
		const pools = new Pools({ guarded: true });
		const peer = new SocketPeer(socket, { pools });
		return { peer, pools, root: peer.connection.bootstrap(), child };
	}

	for (const address of ["127.0.0.1:0", "unix:" + join(folder, "served")]) {
		describe("serving on " + (address.startsWith("unix") ? "a Unix socket" : "TCP"), () => {
			let peer: SocketPeer, pools: Pools, root: Hook, child: ChildProcess;
			beforeEach(async () => ({ peer, pools, root, child } = await dial(address)));
			afterEach(() => {
				child.kill("SIGKILL");
				rmSync(join(folder, "served"), { force: true });
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
					await new Promise<void>((resolve) => (wake = resolve));
				}
				const ended = new Promise<void>((resolve) => (wake = resolve));
				stream.done();
				if (log.length === 0) await ended;
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
				const root = new PeerServer(pools, counters, true);
				peers.push(new SocketPeer(socket, { pools, bootstrap: new Provider(root.hook) }));
			});
			if (address === "tcp") server.listen(0, "127.0.0.1");
			else server.listen(address.slice(5));
			await once(server, "listening");
			const where = address === "tcp" ? "127.0.0.1:" + (server.address() as { port: number }).port : address;
			const result = await new Promise<string>((resolve) => {
				execFile(program, ["check", where], { timeout: 20_000 }, (error, _stdout, stderr) =>
					resolve(error === null ? "" : stderr || String(error)),
				);
			});
			expect(result).toBe("");
			await until(() => peers[0]!.connection.ended !== null);
			expect(peers[0]!.connection.empty).toBe(true);
			expect(pools.calls.used).toBe(0);
			server.close();
		}
	}, 60_000);
});

async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
	expect(condition()).toBe(true);
}
