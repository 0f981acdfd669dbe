/** The client: `client.js FILE.cap TEXT` writes one line through the reference in the file. */
import { formatUri, loadCapFile, Vat } from "vatlet";
import { Logger } from "./logger.capnp.js";

const [file = "logger.cap", text = "hello"] = process.argv.slice(2);
await using vat = await Vat.open();
using logger = vat.connect(formatUri(loadCapFile(file)), Logger);
// Both calls leave at once: the second goes to a logger that this program does not have yet.
using mine = logger.sub({ label: "client" }).logger;
await mine.log({ text });
