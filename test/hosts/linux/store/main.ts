/** Counts its starts in the store. */
import keyValue from "embedded:storage/key-value";
import { configValue, print } from "vatlet/system";

const domain = keyValue.open({ path: "test/../domain", format: "string" });
const starts = Number(domain.read("starts") ?? 0) + 1;
domain.write("starts", String(starts));
domain.write("with / and \u00e9", Uint8Array.of(1, 2, 3));
const bytes = keyValue.open({ path: "test/../domain" });
print(`starts ${starts}, bytes ${new Uint8Array(bytes.read("with / and \u00e9")).join()}`);
print([...domain].sort().join("; "));
print(
	`deleted ${domain.delete("with / and \u00e9")}, again ${domain.delete("with / and \u00e9")}, left ${[...domain].length}`,
);
try {
	if (configValue("large") !== undefined) domain.write("starts", new Uint8Array(Number(configValue("large"))));
} catch (error) {
	print(`${error}; starts ${domain.read("starts")}`);
}
try {
	domain.write("", "x");
} catch (error) {
	print(String(error));
}
