/** Accepts whoever comes on the serial line `path`, and says what happens to the line. */
import { configValue, createMachine } from "vatlet/machine";
import { print } from "vatlet/system";

createMachine().network.listen({ kind: "serial", path: configValue("path")! }, null, {
	listening: (endpoint) => print(`listening on ${endpoint.kind === "serial" ? endpoint.path : "?"}`),
	accepted: (stream) => {
		print("accepted");
		stream.events = { onReadable() {}, onWritable() {}, onClosed() {} };
	},
	rejected: (error) => print(error.message),
	failed: (error) => print(`failed: ${error.message}`),
});
