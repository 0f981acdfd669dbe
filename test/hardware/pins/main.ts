/** Tries pins and the chip's thermometer: pins 4 and 5 joined by a wire. */
import Digital from "embedded:io/digital";
import Timer from "timer";
import { chipCelsius, print } from "vatlet/system";

const OUT = 4;
const IN = 5;
const STEP_MS = 100;
const STEPS = 10;

let edges = 0;
let wrong = 0;
let steps = 0;
const input = new Digital({
	pin: IN,
	mode: Digital.Input,
	edge: Digital.Rising | Digital.Falling,
	onReadable: () => edges++,
});
const output = new Digital({ pin: OUT, mode: Digital.Output });
output.write(0);

Timer.repeat((timer) => {
	if (steps > 0 && input.read() !== steps % 2) wrong++;
	if (steps++ < STEPS) return output.write(steps % 2);
	Timer.clear(timer);
	print(`pins: ${STEPS} changes written, ${edges} edges seen, ${wrong} levels wrong`);
	output.close();
	input.close();
	pullUp();
}, STEP_MS);

/** With the wire taken off: what a pin reads that nothing drives. */
function pullUp(): void {
	const up = new Digital({ pin: IN, mode: Digital.InputPullUp });
	Timer.set(() => {
		print(`pins: ${up.read() === 1 ? "pulled up" : "held down"}`);
		up.close();
		measure();
	}, STEP_MS);
}

function measure(): void {
	const celsius = chipCelsius();
	print(
		celsius === undefined
			? "temperature: this machine has no thermometer"
			: `temperature: ${Math.round(celsius)} degrees`,
	);
}
