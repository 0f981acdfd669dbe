import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMachine } from "../../hosts/node/machine.js";
import { describeMachine } from "./machine.js";

const folder = mkdtempSync(join(tmpdir(), "vatlet-"));
describeMachine("Node", () => createMachine({ store: join(folder, "store"), secretKey: join(folder, "key.pem") }), {
	loopback: true,
	recordBytes: 20_000,
});
