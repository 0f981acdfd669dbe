/** Pins joined in pairs: `pins=loopback`. Without, what opening one says. */
import Digital from "embedded:io/digital";
import Timer from "timer";
import { CHUNK_BYTES, MALLOCS, SLOTS, chipCelsius, meter, print } from "vatlet/system";

function attempt(what: string, work: () => void): void {
	try {
		work();
		print(`${what}: nothing thrown`);
	} catch (error) {
		print(`${what}: ${(error as Error).name}: ${(error as Error).message}`);
	}
}

let edges = 0;

function run(): void {
	const out = new Digital({ pin: 4, mode: Digital.Output });
	const input = new Digital({
		pin: 5,
		mode: Digital.InputPullUp,
		edge: Digital.Rising + Digital.Falling,
		onReadable() {
			edges++;
			if (edges > 1) return;
			print(`an edge: ${this.read()}`);
			out.write(0);
		},
	});
	print(`begins ${input.read()}, format ${input.format}`);
	attempt("again", () => new Digital({ pin: 4, mode: Digital.Input }));
	attempt("read of an output", () => out.read());
	attempt("write to an input", () => input.write(1));
	attempt("level", () => out.write(2));
	attempt("pin", () => new Digital({ pin: 32, mode: Digital.Input }));
	attempt("mode", () => new Digital({ pin: 6, mode: 5 }));
	attempt("edge of an output", () => new Digital({ pin: 6, mode: Digital.Output, edge: 1, onReadable() {} }));
	attempt("edge alone", () => new Digital({ pin: 7, mode: Digital.Input, edge: 1 }));
	const slots = meter(SLOTS);
	const chunkBytes = meter(CHUNK_BYTES);
	const mallocs = meter(MALLOCS);
	for (let i = 0; i < 1000; i++) {
		out.write(i & 1);
		if (input.read() !== (i & 1)) print("another level");
	}
	const costs = meter(SLOTS) - slots + meter(CHUNK_BYTES) - chunkBytes + meter(MALLOCS) - mallocs;
	print(`costs ${costs}`);
	Timer.set(() => {
		print(`edges ${edges}, level ${input.read()}`);
		input.close();
		input.close();
		attempt("closed", () => input.read());
		new Digital({ pin: 5, mode: Digital.Input }).close();
		out.close();
	}, 50);
}

print(`chip ${chipCelsius()}`);
attempt("run", run);
