import { boot } from "vatlet/device";
import { configValue, createMachine } from "vatlet/machine";
import type { Call, Exception, Hook, Pools } from "vatlet/runtime";
import { exit, print } from "vatlet/system";
import { checksum } from "checksum";
import { CounterAddResultsReader, CounterClient } from "./counter.capnp.js";

const results = new CounterAddResultsReader();

function add(pools: Pools, hub: Hook, amount: number): void {
	const counter = new CounterClient(pools);
	counter.adopt(hub);
	const request = counter.startAdd();
	request.params.setAmount(amount);
	request.send({
		returned(call: Call) {
			print("total " + call.readResults(results).getTotal());
			exit(0);
		},
		failed(_call: Call, exception: Exception) {
			print("failed: " + exception.reason);
			exit(1);
		},
	});
}

const name = new Uint8Array(4).fill(3);
boot({
	machine: createMachine(),
	hub: configValue("hub") ?? "",
	connected: (hub, pools) => add(pools, hub, checksum(name.buffer)),
});
