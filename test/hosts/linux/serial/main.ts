/** Echoes what comes in on the line `port`, and says what it cost, and when the line is gone. */
import Serial from "vatlet/serial";
import { COLLECTIONS, CHUNK_BYTES, MALLOCS, SLOTS, configValue, meter, print } from "vatlet/system";

const buffer = new Uint8Array(4096);
let held = 0;
let total = 0;

function pump(line: Serial): void {
	for (;;) {
		if (held === 0) held = line.read(buffer, 0, buffer.length);
		if (held === 0) return;
		const taken = line.write(buffer, 0, held);
		total += taken;
		buffer.copyWithin(0, taken, held);
		held -= taken;
		if (held > 0) return;
	}
}

const meters = [SLOTS, CHUNK_BYTES, MALLOCS, COLLECTIONS];
const changes = new Int32Array(meters.length);

/** Without making text, which would count. */
function count(sign: number): void {
	for (let i = 0; i < meters.length; i++) changes[i]! += sign * meter(meters[i]!);
}

try {
	new Serial({
		port: configValue("port") ?? "",
		baud: Number(configValue("baud") ?? 0),
		onReadable() {
			if (total === 0) count(-1);
			pump(this);
		},
		onWritable() {
			pump(this);
		},
		onError() {
			count(1);
			print(`slots ${changes[0]} chunks ${changes[1]} mallocs ${changes[2]} collections ${changes[3]}`);
			print(`gone after ${total} bytes`);
			this.close();
		},
	});
	print("open");
} catch (error) {
	print((error as Error).message);
}
