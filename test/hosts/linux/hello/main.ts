import config from "mc/config";
import Timer from "timer";
import { configValue, print } from "vatlet/system";

print(`${config["greeting"]} from XS`);
const name = configValue("name");
if (name !== undefined) print(`name is ${name}`);
Timer.set(() => print("a timer fired"), 5);
