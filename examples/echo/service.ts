/** The service: `service.js` with the options that every vat has. It writes its reference to `echo.cap`. */
import { Command } from "commander";
import { addVatOptions, chosenVat, saveCapFile, Vat } from "vatlet";
import { Echo } from "./echo.capnp.js";
import { LocalEcho } from "./echo.js";

const { listen = "tcp:127.0.0.1:0", ...options } = chosenVat(addVatOptions(new Command("service")).parse());
const vat = await Vat.listen(listen, options);
saveCapFile("echo.cap", vat.publish("echo", Echo, new LocalEcho()));
console.log("echo.cap is written: whoever can read it may use the service");
process.once("SIGTERM", () => void vat.close().then(() => process.exit(0)));
