/** The service: publishes a logger and writes its reference to a file. Run it with the options of `addVatOptions` and `--cap-file`. */
import { Command } from "commander";
import { addVatOptions, chosenVat, saveCapFile, Vat } from "vatlet";
import { Logger } from "./logger.capnp.js";
import { LabelledLogger } from "./logger.js";

const program = addVatOptions(new Command("service").description("a log for other programs"))
	.option("--cap-file <file>", "where the reference goes", "logger.cap")
	.parse();
const { capFile } = program.opts<{ capFile: string }>();
const { listen, ...settings } = chosenVat(program);
if (listen === undefined) throw new Error("--capnp-listen-address is missing, for example tcp:127.0.0.1:7000");

const vat = await Vat.listen(listen, settings);
const uri = vat.publish("logger", Logger, new LabelledLogger("service", console.log));
saveCapFile(capFile, uri);
console.log(`whoever can read ${capFile} may write here`);
process.once("SIGINT", () => void vat.close());
