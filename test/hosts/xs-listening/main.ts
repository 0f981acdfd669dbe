/** A program for the specs: an echo that vats dial, at `listen`, seen from outside at `public`; prints its URI, as no real program should. */
import { listen, type ListeningDevice } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import { type EchoRepeatCall, type EchoSayCall, EchoServer } from "../../../examples/echo/echo.capnp.js";

class Echo extends EchoServer {
	override say(call: EchoSayCall): void {
		const text = call.params.getText();
		// The last word of this name: whoever comes from now on does not find it.
		if (text === "unpublish") device!.unpublish("echo");
		call.results.setReply(text);
		call.done();
	}
	override repeat(call: EchoRepeatCall): void {
		call.done();
	}
}

const machine = createMachine();
let device: ListeningDevice | null = null;

function open(address: string, publicAddress?: string): ListeningDevice | null {
	try {
		return listen({ machine, address, ...(publicAddress === undefined ? {} : { publicAddress }) });
	} catch (error) {
		machine.log(String(error));
		return null;
	}
}

open("7000");
open("tcp:0.0.0.0:7000");
device = open(configValue("listen")!, configValue("public"));
machine.log("uri " + device!.publish("echo", new Echo()));
