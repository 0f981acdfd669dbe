/** One figure of `npm run sizes`, in the shape of the benches' rows: what is measured once has one value as median, minimum and maximum. */
export interface SizeRow {
	suite: "sizes";
	case: string;
	/** Whose memory or flash: `esp32` is the image for the chip without the SDK. */
	host: "node" | "linux" | "qemu" | "esp32";
	impl: "vatlet";
	metric: "bytes";
	median: number;
	min: number;
	max: number;
	/** `static`: the same at every build of the same sources. `dynamic`: of one run. `detail`: without a budget. */
	kind: "static" | "dynamic" | "detail";
	/** Of a class in the device's heap: how many there are, and the engine's slots among the bytes. */
	objects?: number;
	slots?: number;
}

export function sizeRow(
	kind: SizeRow["kind"],
	host: SizeRow["host"],
	name: string,
	bytes: number,
	more: Pick<SizeRow, "objects" | "slots"> = {},
): SizeRow {
	const value = { median: bytes, min: bytes, max: bytes };
	return { suite: "sizes", case: name, host, impl: "vatlet", metric: "bytes", ...value, kind, ...more };
}
