import { Fault, type FaultCode } from "vatlet/runtime";

/** Expects `action` to throw a Fault of that code and returns it. */
export function expectFault(code: FaultCode, action: () => unknown): Fault {
	try {
		action();
	} catch (error) {
		expect(error).toBeInstanceOf(Fault);
		const fault = error as Fault;
		expect(fault.code).withContext(fault.message).toBe(code);
		return fault;
	}
	throw new Error("expected a Fault of code " + code + ", nothing was thrown");
}
