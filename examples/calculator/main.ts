/** Server and client in one process, over TLS on the loopback; `main.js capnp://…` is a client of any other calculator. */
import { Vat } from "vatlet";
import { Calculator } from "./calculator.capnp.js";
import { calculate, LocalCalculator } from "./calculator.js";

export async function main(uri: string | undefined, print: (line: string) => void): Promise<void> {
	await using server = await Vat.listen("tcp:127.0.0.1:0");
	await using client = await Vat.open(uri?.includes("insecure@") ? { insecure: true } : {});
	using calculator = client.connect(uri ?? server.publish("calculator", Calculator, new LocalCalculator()), Calculator);
	await calculate(calculator, print);
}

if (process.argv[1]?.endsWith("calculator/main.js")) await main(process.argv[2], console.log);
