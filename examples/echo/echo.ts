/** The object behind the service: methods over plain objects. It knows nothing of networks. */
import type { EchoMethods, EchoRepeatParams, EchoSayParams } from "./echo.capnp.js";

export class LocalEcho implements EchoMethods {
	say({ text }: EchoSayParams) {
		return { reply: `echo: ${text}` };
	}

	async repeat({ text, times, to }: EchoRepeatParams) {
		for (let i = 0; i < times; i++) await to?.hear({ text });
	}
}
