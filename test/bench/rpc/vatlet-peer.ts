/** `WAY serve` prints a URI and answers echo; `WAY bench URI` calls it, round by round. Ways: `callbacks` (generated calls and clients), `promises` (plain objects). */
import { Vat } from "../../../hosts/node/index.js";
import { NodeClock } from "../../../hosts/node/clock.js";
import { NodeNetwork } from "../../../hosts/node/net.js";
import { formatUri, parseUri } from "../../../src/net/address.js";
import { Budgets } from "../../../src/vat/budgets.js";
import { SingleRestorer } from "../../../src/vat/restorer.js";
import { Vat as CoreVat, type VatObserver } from "../../../src/vat/vat.js";
import { type Call, type Exception, Pools, type ReturnHandler, TextReader } from "vatlet/runtime";
import { Echo, EchoClient, type EchoSayCall, EchoSayResultsReader, EchoServer } from "./echo.capnp.js";
import { answerRounds, measure } from "./rounds.js";

const TEXT = "hello, world";

class TextServer extends EchoServer {
	readonly #text = new TextReader();
	say(call: EchoSayCall): void {
		call.results.copyText(call.params.readText(this.#text));
		call.done();
	}
}

/** Keeps a number of calls on their way until a time. */
class Loop implements ReturnHandler {
	#calls = 0;
	#left = 0;
	#endMs = 0;
	#finished: () => void = () => {};
	readonly #results = new EchoSayResultsReader();
	readonly #text = new TextReader();
	readonly #client: EchoClient;

	constructor(client: EchoClient) {
		this.#client = client;
	}

	async run(inFlight: number, ms: number): Promise<number> {
		const startMs = performance.now();
		this.#endMs = startMs + ms;
		this.#left = inFlight;
		this.#calls = 0;
		await new Promise<void>((resolve) => {
			this.#finished = resolve;
			for (let i = 0; i < inFlight; i++) this.#call();
		});
		return (this.#calls * 1000) / (performance.now() - startMs);
	}

	#call(): void {
		const request = this.#client.startSay();
		request.params.setText(TEXT);
		request.send(this);
	}

	returned(call: Call): void {
		if (call.readResults(this.#results).readText(this.#text).lengthBytes !== TEXT.length)
			throw new Error("wrong answer");
		this.#calls++;
		if (performance.now() < this.#endMs) this.#call();
		else if (--this.#left === 0) this.#finished();
	}

	failed(_call: Call, exception: Exception): void {
		throw new Error(exception.reason);
	}
}

function createVat(observer: VatObserver): CoreVat {
	const pools = new Pools({ guarded: true });
	return new CoreVat({
		network: new NodeNetwork(),
		clock: new NodeClock(),
		pools,
		budgets: new Budgets(pools, {}),
		identity: null,
		restorer: new SingleRestorer(new TextServer().hook),
		observer,
	});
}

const callbacks = {
	serve: async (): Promise<void> => {
		createVat({
			listening: (endpoint) => console.log(formatUri({ endpoint, digest: null, id: new Uint8Array(0) })),
		}).listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
	},
	bench: async (uri: string): Promise<void> => {
		const vat = createVat({});
		const loop = new Loop(new EchoClient(vat.pools, vat.import(parseUri(uri))));
		await answerRounds((inFlight, ms) => loop.run(inFlight, ms));
	},
};

const promises = {
	serve: async (): Promise<void> => {
		const vat = await Vat.listen("tcp:127.0.0.1:0", { insecure: true });
		console.log(vat.publish("echo", Echo, { say: ({ text }) => ({ text }) }));
	},
	bench: async (uri: string): Promise<void> => {
		const vat = await Vat.open({ insecure: true });
		const echo = vat.connect(uri, Echo);
		const call = async (): Promise<void> => {
			if ((await echo.say({ text: TEXT })).text !== TEXT) throw new Error("wrong answer");
		};
		await answerRounds((inFlight, ms) => measure(call, inFlight, ms));
	},
};

const [way, mode, uri] = process.argv.slice(2);
const chosen = way === "promises" ? promises : callbacks;
await (mode === "serve" ? chosen.serve() : chosen.bench(uri!));
