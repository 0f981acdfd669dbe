/** The Moddable SDK's manifests that have equivalents here, and what applications take from them. */

export interface StandIn {
	/** Build variables that the SDK's manifest defines for those that include it. */
	readonly variables: Readonly<Record<string, string>>;
	readonly config: Readonly<Record<string, unknown>>;
}

const nothing: StandIn = { variables: {}, config: {} };
const moddable = "$(MODDABLE)";

/**
 * By path below `$(MODDABLE)`. The modules of all of them are one manifest of ours, `hosts/xs/native`: what nobody imports costs nothing.
 */
const standIns: Readonly<Record<string, StandIn>> = {
	"examples/manifest_base.json": {
		variables: {
			BUILD: `${moddable}/build`,
			MODULES: `${moddable}/modules`,
			COMMODETTO: `${moddable}/modules/commodetto`,
			PIU: `${moddable}/modules/piu`,
		},
		config: {},
	},
	// The network is up before the program starts, hence nothing to set up.
	"examples/manifest_net.json": { variables: {}, config: { sntp: "pool.ntp.org" } },
	"examples/manifest_typings.json": nothing,
	"modules/base/instrumentation/manifest.json": nothing,
	"modules/files/resource/manifest.json": nothing,
	"modules/io/manifest.json": { variables: { IO: `${moddable}/modules/io` }, config: {} },
	"modules/io/storage/manifest.json": nothing,
};

export function standInFor(path: string): StandIn | null {
	return Object.hasOwn(standIns, path) ? standIns[path]! : null;
}

/** For messages. */
export function standInNames(): string {
	return Object.keys(standIns).join(", ");
}
