/** `serve` prints a port and answers echo; `bench PORT IN_FLIGHT MILLISECONDS` calls it and prints calls per second. */
import { createServer, connect } from "node:net";
import {
	type Call,
	Client,
	type Exception,
	Pools,
	Request,
	type ReturnHandler,
	Server,
	StructBuilder,
	StructReader,
	TextReader,
	TypedCall,
} from "vatlet/runtime";
import { Provider } from "../../rpc/pair.js";
import { SocketPeer } from "../../interop/socket.js";

const HIGH = 0xb4e1c8d9;
const LOW = 0x0f3a7726;

/** As the compiler would write them. */
class EchoCall extends TypedCall {
	readonly params = new StructReader();
	readonly results = new StructBuilder();
	next: EchoCall | null = null;
	readonly server: EchoServer;

	constructor(server: EchoServer) {
		super();
		this.server = server;
	}

	protected recycle(): void {
		this.next = this.server.free;
		this.server.free = this;
	}
}

class EchoServer extends Server {
	free: EchoCall | null = null;
	readonly #text = new TextReader();

	dispatch(call: Call, high: number, low: number, method: number): number {
		if (high !== HIGH || low !== LOW) return 1;
		if (method !== 0) return 2;
		const typed = this.free ?? new EchoCall(this);
		this.free = typed.next;
		typed.call = call;
		call.readParams(typed.params);
		call.initResults(typed.results, 0, 1);
		typed.results.putTextFrom(0, typed.params.textAt(0, this.#text));
		typed.done();
		return 0;
	}
}

class EchoRequest extends Request {
	readonly params = new StructBuilder();
}

class EchoClient extends Client {
	readonly #echo = new EchoRequest();
	startEcho(): EchoRequest {
		return this.begin(this.#echo, this.#echo.params, HIGH, LOW, 0, 0, 1);
	}
}

class Loop implements ReturnHandler {
	calls = 0;
	left = 0;
	endMs = 0;
	finished: () => void = () => {};
	readonly #results = new StructReader();
	readonly #text = new TextReader();
	readonly #client: EchoClient;

	constructor(client: EchoClient) {
		this.#client = client;
	}

	run(inFlight: number, ms: number): Promise<void> {
		this.endMs = performance.now() + ms;
		this.left = inFlight;
		return new Promise((resolve) => {
			this.finished = resolve;
			for (let i = 0; i < inFlight; i++) this.#call();
		});
	}

	#call(): void {
		const request = this.#client.startEcho();
		request.params.putText(0, "hello, world");
		request.send(this);
	}

	returned(call: Call): void {
		if (call.readResults(this.#results).textAt(0, this.#text).lengthBytes !== 12) throw new Error("wrong answer");
		this.calls++;
		if (performance.now() >= this.endMs) {
			if (--this.left === 0) this.finished();
		} else this.#call();
	}

	failed(_call: Call, exception: Exception): void {
		throw new Error(exception.reason);
	}
}

const [mode, port, inFlight, milliseconds] = process.argv.slice(2);
const pools = new Pools({ guarded: true });
if (mode === "serve") {
	const root = new EchoServer();
	const server = createServer((socket) => {
		new SocketPeer(socket, { pools, bootstrap: new Provider(root.hook) });
	});
	server.listen(0, "127.0.0.1", () => console.log((server.address() as { port: number }).port));
} else {
	const socket = connect(Number(port), "127.0.0.1", () => {
		const peer = new SocketPeer(socket, { pools });
		const loop = new Loop(new EchoClient(pools, peer.connection.bootstrap()));
		void (async () => {
			await loop.run(Number(inFlight), Number(milliseconds) / 4);
			loop.calls = 0;
			const start = performance.now();
			await loop.run(Number(inFlight), Number(milliseconds));
			console.log((loop.calls * 1000) / (performance.now() - start));
			process.exit(0);
		})();
	});
}
