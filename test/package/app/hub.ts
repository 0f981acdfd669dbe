import { Vat } from "vatlet";
import { Counter } from "./counter.capnp.js";

let total = 0n;
const vat = await Vat.listen("tcp:127.0.0.1:0", { secretKey: "hub.pem" });
const uri = vat.publish("counter", Counter, {
	add({ amount }) {
		total += BigInt(amount);
		return { total };
	},
});
console.log(uri);
process.stdin.on("end", () => void vat.close()).resume();
