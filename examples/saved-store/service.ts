/** Loggers that outlive their program: each new one is saved, and loaded again when somebody comes back for it. */
import { FileStore, NodeHashes, SavedObjects, service, Vat, type VatOptions } from "vatlet";
import { Logger, SavedLogger } from "./logger.capnp.js";

/** A vat with a root logger at `uri`. Everything it has to know after a restart is in `folder`. */
export async function startService(
	address: string,
	folder: string,
	print: (line: string) => void,
	settings: VatOptions = {},
): Promise<{ vat: Vat; uri: string }> {
	const saved = new SavedObjects<SavedLogger>(
		new FileStore(`${folder}/store`),
		"loggers",
		SavedLogger,
		new NodeHashes(),
	);

	/** A logger as it was saved, or is about to be. */
	const create = (label: string) => ({
		log({ text }: { text: string }): void {
			print(`[${label}] ${text}`);
		},
		sub(params: { label: string }): { logger: Logger } {
			const id = vat.generateId();
			const state = { label: `${label}/${params.label}` };
			// Saved before anybody has it: a reference that was given out works for ever.
			saved.save(id, state);
			return { logger: vat.saved(Logger, create(state.label), id) };
		},
	});

	const vat = await Vat.listen(address, {
		secretKey: `${folder}/service.pem`,
		...settings,
		loader: (id) => {
			const state = saved.load(id);
			return state === null ? null : service(Logger, create(state.label));
		},
	});
	return { vat, uri: vat.publish("root", Logger, create("root")) };
}
