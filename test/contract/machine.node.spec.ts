import { join } from "node:path";
import { createMachine } from "../../hosts/node/machine.js";
import { Cleanup } from "../support/cleanup.node.js";
import { describeMachine } from "./machine.js";

const cleanup = Cleanup.afterAll();
const open = () => {
	const folder = cleanup.folder();
	return createMachine({ store: join(folder, "store"), secretKey: join(folder, "key.pem") });
};
describeMachine("Node", open, { loopback: true, recordBytes: 20_000 });
