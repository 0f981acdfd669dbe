/** `NAME serve` prints a port; `NAME bench PORT` calls it, round by round. Each library as its documentation says. */
import { createRequire } from "node:module";
import { connect, createServer, type Socket } from "node:net";
import { createServer as createHttpServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { answerRounds, measure } from "./rounds.js";

// Peers are installed beside the sources of the benches and have no types here.
type Loose = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const TEXT = "hello, world";
const folder = fileURLToPath(new URL("../../../../../test/bench/", import.meta.url));
const resolve = createRequire(join(folder, "package.json")).resolve;
const load = (name: string): Promise<Loose> => import(pathToFileURL(resolve(name)).href);
const loadModule = (path: string): Promise<Loose> => import(pathToFileURL(join(folder, "node_modules", path)).href);

type Caller = () => Promise<unknown>;
interface Library {
	serve(): Promise<number>;
	dial(port: number): Promise<Caller>;
}

function portOf(server: { address(): unknown }): number {
	return (server.address() as { port: number }).port;
}

/** It expects the browser's WebSocket, which Node 20 has not. */
async function webSockets(): Promise<Loose> {
	const module = await loadModule("ws/wrapper.mjs");
	(globalThis as Loose).WebSocket = module.WebSocket;
	return module;
}

const capnweb: Library = {
	async serve() {
		const { WebSocketServer } = await webSockets();
		const { newWebSocketRpcSession, RpcTarget } = await loadModule("capnweb/dist/index.js");
		class Api extends RpcTarget {
			echo(text: string): string {
				return text;
			}
		}
		const http = createHttpServer();
		new WebSocketServer({ server: http, perMessageDeflate: false }).on("connection", (socket: Loose) =>
			newWebSocketRpcSession(socket, new Api()),
		);
		await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
		return portOf(http);
	},
	async dial(port) {
		const { WebSocket } = await webSockets();
		const { newWebSocketRpcSession } = await loadModule("capnweb/dist/index.js");
		const socket = new WebSocket("ws://127.0.0.1:" + port, { perMessageDeflate: false });
		await new Promise((done) => socket.on("open", done));
		const api = newWebSocketRpcSession(socket);
		return async () => {
			if ((await api.echo(TEXT)) !== TEXT) throw new Error("wrong answer");
		};
	},
};

const PROTO = `syntax = "proto3"; package bench; service Echo { rpc Say (Said) returns (Said); } message Said { string text = 1; }`;

async function grpcService(): Promise<Loose> {
	const grpc = await load("@grpc/grpc-js");
	const loader = await load("@grpc/proto-loader");
	const protobuf = createRequire(resolve("@grpc/proto-loader"))("protobufjs");
	const definition = loader.fromJSON(protobuf.parse(PROTO).root.toJSON());
	return { grpc: grpc.default ?? grpc, service: (grpc.default ?? grpc).loadPackageDefinition(definition).bench.Echo };
}

const grpcJs: Library = {
	async serve() {
		const { grpc, service } = await grpcService();
		const server = new grpc.Server();
		server.addService(service.service, { Say: (call: Loose, done: Loose) => done(null, { text: call.request.text }) });
		return new Promise((done, failed) =>
			server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: Loose, port: number) =>
				error ? failed(error) : done(port),
			),
		);
	},
	async dial(port) {
		const { grpc, service } = await grpcService();
		const client = new service("127.0.0.1:" + port, grpc.credentials.createInsecure());
		return () =>
			new Promise((done, failed) =>
				client.Say({ text: TEXT }, (error: Loose, answer: Loose) =>
					error || answer.text !== TEXT ? failed(error ?? new Error("wrong answer")) : done(answer),
				),
			);
	},
};

/** What the runtime can do: a length, the text, nothing else. */
function bare(batched: boolean): Library {
	const frame = Buffer.from("\x0c\0\0\0" + TEXT, "latin1");
	/** Calls `each` per frame; returns what sends one. */
	const framed = (socket: Socket, each: (send: () => void) => void): (() => void) => {
		socket.setNoDelay(true);
		let waiting: Buffer[] = [];
		const send = (): void => {
			if (!batched) return void socket.write(frame);
			if (waiting.push(frame) === 1)
				setImmediate(() => {
					socket.write(Buffer.concat(waiting));
					waiting = [];
				});
		};
		let rest: Buffer = Buffer.alloc(0);
		socket.on("data", (data: Buffer) => {
			let bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
			while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
				bytes.toString("latin1", 4, 4 + bytes.readUInt32LE(0));
				bytes = bytes.subarray(4 + bytes.readUInt32LE(0));
				each(send);
			}
			rest = bytes;
		});
		socket.on("error", () => {});
		return send;
	};
	return {
		async serve() {
			const server = createServer((socket) => void framed(socket, (send) => send()));
			await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
			return portOf(server);
		},
		async dial(port) {
			const socket = connect(port, "127.0.0.1");
			await new Promise((done) => socket.once("connect", done));
			const waiting: (() => void)[] = [];
			const send = framed(socket, () => waiting.shift()!());
			return () =>
				new Promise<void>((done) => {
					waiting.push(done);
					send();
				});
		},
	};
}

const LIBRARIES: Record<string, Library> = {
	capnweb,
	"grpc-js": grpcJs,
	"bare-socket": bare(false),
	"bare-socket-batched": bare(true),
};

const [name, mode, port] = process.argv.slice(2);
const library = LIBRARIES[name ?? ""];
if (library === undefined) throw new Error("no such library: " + name);
if (mode === "serve") console.log(await library.serve());
else {
	const call = await library.dial(Number(port));
	await answerRounds((inFlight, ms) => measure(call, inFlight, ms));
}
