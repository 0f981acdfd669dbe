/** The client: `client.js FILE.cap TEXT`. */
import { loadCapFile, Vat } from "vatlet";
import { Echo, type ListenerHearParams } from "./echo.capnp.js";

const [file = "echo.cap", text = "hello"] = process.argv.slice(2);
await using vat = await Vat.open();
await vat.import(loadCapFile(file), Echo).with(async (echo) => {
	const { reply } = await echo.say({ text });
	console.log(reply);
	// An object of ours, passed as any other value: the service calls it while its own method runs.
	await echo.repeat({
		text,
		times: 3,
		to: { hear: ({ text: heard }: ListenerHearParams) => console.log(`heard ${heard}`) },
	});
});
