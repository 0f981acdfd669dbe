import {
	boot,
	ChainRestorer,
	type CapnpUri,
	type Device,
	formatUri,
	generateId,
	LoaderRestorer,
	parseUri,
	publicId,
	Reconnecting,
	save,
	SavedStore,
	TableRestorer,
	unknownService,
	WithSturdyRef,
} from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { type Call, type Exception, type Hook, type ReturnHandler } from "vatlet/runtime";
import {
	LoggerClient,
	type LoggerLogCall,
	LoggerServer,
	type LoggerSubCall,
	LoggerSubResultsReader,
	SavedLoggerBuilder,
	SavedLoggerReader,
} from "../../../examples/saved-store/logger.capnp.js";

/*
 * A program for the specs: loggers on a device, reached on port 7000 (as `public`, a URI without an id), of which each new one is saved in the device's store before
 * anybody has it; and a logger of the hub's, whose sturdy ref the device asks for once and keeps.
 */

const machine = createMachine();
const hub = configValue("hub")!;
const place = parseUri(configValue("public")!);
const store = machine.store!;
const records = new SavedStore(store, "loggers", machine.hashes);

class Logger extends LoggerServer {
	readonly #label: string;

	constructor(label: string) {
		super();
		this.#label = label;
	}

	override log(call: LoggerLogCall): void {
		machine.log("[" + this.#label + "] " + call.params.getText());
		call.done();
	}

	override sub(call: LoggerSubCall): void {
		const label = this.#label + "/" + call.params.getLabel();
		const id = generateId(machine.entropy);
		const message = device.pools.messages.take()!;
		message
			.initRoot(new SavedLoggerBuilder(), SavedLoggerBuilder.dataWords, SavedLoggerBuilder.pointerCount)
			.setLabel(label);
		records.save(id, message);
		message.release();
		const saved = savedLogger(label, id);
		call.results.setLogger(saved);
		call.done();
	}
}

function savedLogger(label: string, id: Uint8Array): WithSturdyRef {
	return new WithSturdyRef(new Logger(label), uriOf(id));
}

function uriOf(id: Uint8Array): CapnpUri {
	return { digest: machine.identity.digest, endpoint: place.endpoint, id };
}

/** The hub's logger: asked for by name on the first boot, by its saved sturdy ref on later ones. */
class Remembered implements ReturnHandler {
	readonly #client = new LoggerClient(device.pools);
	#live: Reconnecting | null = null;

	connected(root: Hook): void {
		const length = store.get("refs", "logger", new Uint8Array(0));
		if (length >= 0) {
			const text = new Uint8Array(length);
			store.get("refs", "logger", text);
			machine.log("remembered");
			this.#follow(parseUri(String.fromCharCode(...text)));
			return;
		}
		const client = new LoggerClient(device.pools).adopt(root);
		const request = client.startSub();
		request.params.setLabel("device");
		request.send(this);
	}

	returned(call: Call): void {
		call.readResults(new LoggerSubResultsReader()).takeLogger(this.#client);
		save(device.pools, this.#client.hook, {
			saved: (uri) => {
				const text = formatUri(uri);
				const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
				store.put("refs", "logger", bytes, bytes.length);
				machine.log("saved");
				this.#follow(uri);
			},
			failed: (exception) => machine.log("not saved: " + exception.reason),
		});
	}

	failed(_call: Call, exception: Exception): void {
		machine.log("no logger: " + exception.reason);
	}

	#follow(uri: CapnpUri): void {
		if (this.#live !== null) return;
		const { clock, entropy } = machine;
		const handler = {
			connected: (hook: Hook) => {
				const request = new LoggerClient(device.pools).adopt(hook).startLog();
				request.params.setText("up");
				request.send({
					returned() {},
					failed: (_call: Call, exception: Exception) => machine.log("not logged: " + exception.reason),
				});
			},
			disconnected() {},
		};
		this.#live = new Reconnecting({ vat: device.vat, uri, clock, entropy, handler });
		this.#live.start();
	}
}

const table = new TableRestorer(machine.hashes);
const device: Device = boot({
	machine,
	hub,
	restorer: new ChainRestorer([
		table,
		new LoaderRestorer(
			{
				load(id, _digest, answer) {
					const message = records.load(id);
					if (message === null) answer.reject(unknownService());
					else answer.loaded(savedLogger(message.readRoot(new SavedLoggerReader()).getLabel(), id.slice()));
				},
			},
			machine.hashes,
		),
	]),
	connected: (root) => remembered.connected(root),
});
const remembered = new Remembered();
table.add(publicId("root"), new Logger("root").hook);
device.vat.listen({ kind: "tcp", host: "0.0.0.0", port: Number(configValue("port")) });
