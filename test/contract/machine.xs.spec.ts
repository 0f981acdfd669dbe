import { createMachine } from "vatlet/machine";
import { configValue } from "vatlet/system";
import { hearsItself } from "./loopback.js";
import { describeMachine } from "./machine.js";

/* The unikernel's network has no way to itself; what it does with others is told by test/hosts. */
const records = configValue("records");
describeMachine("XS", createMachine, {
	loopback: hearsItself("its network"),
	recordBytes: 4000,
	...(records === undefined ? {} : { recordsMax: Number(records) }),
});
