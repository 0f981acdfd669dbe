import type { BenchRow } from "./bench.js";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DEVICE, plainBatch, READINGS, type Source, sumPlain } from "./codec-cases.js";

// The telemetry batch in other people's libraries, each used as its documentation says.

/** Peers are installed beside the sources of the benches and have no types here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface Peer {
	name: BenchRow["impl"];
	write: () => unknown;
	read: () => number;
}

const folder = fileURLToPath(new URL("../../../../test/bench/", import.meta.url));
const resolve = createRequire(join(folder, "package.json")).resolve;

export async function load(name: string, path?: string): Promise<Loose> {
	return import(pathToFileURL(path === undefined ? resolve(name) : join(folder, "node_modules", name, path)).href);
}

export function json(source: Source): Peer {
	const batch = plainBatch(source);
	const text = JSON.stringify(batch);
	return { name: "json", write: () => JSON.stringify(batch), read: () => sumPlain(JSON.parse(text)) };
}

export async function peers(source: Source): Promise<Peer[]> {
	return [await protobuf(source), await msgpack(source), await capnpTs(source), await capnpEs(source)];
}

async function protobuf(source: Source): Promise<Peer> {
	const { default: library } = await load("protobufjs");
	const { root } = library.parse(`syntax = "proto3";
		message Reading { uint32 kind = 1; bool valid = 2; double value = 3; uint32 atMs = 4; }
		message Batch { uint64 seq = 1; string device = 2; float battery = 3; repeated Reading readings = 4; bytes signature = 5; }`);
	const type = root.lookupType("Batch");
	const batch = { ...plainBatch(source), signature: source.signature };
	const bytes = type.encode(batch).finish();
	return {
		name: "protobufjs",
		write: () => type.encode(batch).finish(),
		read: () => {
			const read = type.decode(bytes);
			return sumPlain({ ...read, seq: Number(read.seq) });
		},
	};
}

async function msgpack(source: Source): Promise<Peer> {
	const { Packr } = await load("msgpackr", "index.js");
	const packr = new Packr({ structuredClone: false });
	const batch = { ...plainBatch(source), signature: source.signature };
	const bytes = packr.pack(batch);
	return { name: "msgpackr", write: () => packr.pack(batch), read: () => sumPlain(packr.unpack(bytes)) };
}

async function capnpTs(source: Source): Promise<Peer> {
	const { default: capnp } = await load("capnp-ts");
	return capnpPeer("capnp-ts", capnp, capnp.Struct, (bytes) => new capnp.Message(bytes, false), source);
}

async function capnpEs(source: Source): Promise<Peer> {
	const capnp = await load("capnp-es", "dist/index.mjs");
	return capnpPeer("capnp-es", capnp, capnp.utils, (bytes) => new capnp.Message(bytes, false), source);
}

/** What the compilers of both generate, by hand: they share a design and the names in it. */
function capnpPeer(
	name: BenchRow["impl"],
	capnp: Loose,
	ops: Loose,
	open: (bytes: ArrayBuffer) => Loose,
	source: Source,
): Peer {
	class Reading extends capnp.Struct {
		static readonly _capnp = { displayName: "Reading", id: "a000000000000001", size: new capnp.ObjectSize(16, 0) };
	}
	const Readings = capnp.CompositeList(Reading);
	class Batch extends capnp.Struct {
		static readonly _capnp = { displayName: "Batch", id: "a000000000000002", size: new capnp.ObjectSize(16, 3) };
		static readonly _Readings = Readings;
	}
	const seq = BigInt(1);
	const write = (): ArrayBuffer => {
		const message = new capnp.Message();
		const batch = message.initRoot(Batch);
		ops.setUint64(0, seq, batch);
		ops.setText(0, DEVICE, batch);
		ops.setFloat32(8, 3.5, batch);
		const readings = ops.initList(1, Readings, READINGS, batch);
		for (let i = 0; i < READINGS; i++) {
			const reading = readings.get(i);
			ops.setUint16(0, i & 3, reading);
			ops.setBit(16, (i & 1) === 0, reading);
			ops.setFloat64(8, source.values[i], reading);
			ops.setUint32(4, source.times[i], reading);
		}
		const signature = ops.initData(2, source.signature.length, batch);
		signature.copyBuffer(source.signature);
		return message.toArrayBuffer();
	};
	const bytes = write();
	const read = (): number => {
		const batch = open(bytes).getRoot(Batch);
		let sum = Number(ops.getUint64(0, batch)) + ops.getFloat32(8, batch);
		if (ops.getText(0, batch) === DEVICE) sum++;
		const readings = ops.getList(1, Readings, batch);
		const length = typeof readings.getLength === "function" ? readings.getLength() : readings.length;
		for (let i = 0; i < length; i++) {
			const reading = readings.get(i);
			sum += ops.getUint16(0, reading) + ops.getFloat64(8, reading) + ops.getUint32(4, reading);
			if (ops.getBit(16, reading)) sum++;
		}
		ops.getData(2, batch).toUint8Array();
		return sum;
	};
	return { name, write, read };
}
