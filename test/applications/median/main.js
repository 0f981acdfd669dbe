import config from "mc/config";
import Median from "median";
import Timer from "timer";

const samples = [20_000, 20_100, 85_000, 20_050, 20_075, -40_000, 20_060];
const filter = new Median(config.count);
const medians = samples.map((sample) => filter.push(sample));
trace(`${medians.join(" ")} ${Median.unit} in ${config.where}\n`);
try {
	new Median(4);
} catch (error) {
	trace(`${error.name}: ${error.message}\n`);
}
// Each has a block that C keeps its numbers in and that goes when the object does: more than a device has memory for at once.
let made = 0;
Timer.repeat((timer) => {
	for (let i = 0; i < 1000; i++) new Median(15).push(i);
	made += 1000;
	if (made < 5000) return;
	Timer.clear(timer);
	trace(`${made} made\n`);
}, 1);
