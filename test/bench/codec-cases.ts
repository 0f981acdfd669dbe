import { DataReader, MessagePool, TextReader } from "vatlet/runtime";
import {
	BatchBuilder,
	BatchReader,
	type Kind,
	ReadingBuilder,
	ReadingListBuilder,
	ReadingListReader,
	ReadingReader,
	ReadingRecord,
} from "./codec.capnp.js";

// The telemetry batch for every host, without any of them in it: a device's name, a sequence number, a voltage, sixteen
// readings, a signature. Written from and read into what the program keeps anyway; nothing is allocated.

export const READINGS = 16;
export const DEVICE = "kitchen-sensor-3";

/** What the device knows. */
export class Source {
	readonly values = new Float64Array(READINGS);
	readonly times = new Uint32Array(READINGS);
	readonly signature = new Uint8Array(32).fill(7);
	/** The device's name as bytes, for those who write bytes. */
	readonly name = new Uint8Array(DEVICE.length);

	constructor() {
		for (let i = 0; i < READINGS; i++) {
			this.values[i] = i * 1.5 - 3;
			this.times[i] = 1000 + i * 250;
		}
		for (let i = 0; i < DEVICE.length; i++) this.name[i] = DEVICE.charCodeAt(i);
	}
}

/** The same through generated code: readings element by element by index, or each through a view of its own. */
export class Telemetry {
	readonly source = new Source();
	readonly pool = new MessagePool({ segmentWords: 128, messages: 2, segments: 2 });
	readonly message = this.pool.take()!;
	readonly name: TextReader;
	readonly #signature = new Uint8Array(32);
	readonly #column = new Float64Array(READINGS);
	readonly #batch = new BatchBuilder();
	readonly #readings = new ReadingListBuilder();
	readonly #reading = new ReadingBuilder();
	readonly #batchReader = new BatchReader();
	readonly #readingsReader = new ReadingListReader();
	readonly #readingReader = new ReadingReader();
	readonly #record = new ReadingRecord();
	readonly #text = new TextReader();
	readonly #data = new DataReader();

	constructor() {
		// The name is kept as text in a message of its own: copied and compared as bytes.
		const names = this.pool.take()!;
		names.initRoot(new BatchBuilder(), BatchBuilder.dataWords, BatchBuilder.pointerCount).setDevice(DEVICE);
		this.name = names.readRoot(new BatchReader()).readDevice(new TextReader());
	}

	/** Readings by index, with one call each. */
	write(seq: number): void {
		const { values, times } = this.source;
		const batch = this.message.initRoot(this.#batch, BatchBuilder.dataWords, BatchBuilder.pointerCount);
		batch.setSeq(seq);
		batch.copyDevice(this.name);
		batch.setBattery(3.5);
		const readings = batch.initReadings(READINGS, this.#readings);
		for (let i = 0; i < READINGS; i++) readings.set(i, (i & 3) as Kind, (i & 1) === 0, values[i]!, times[i]!);
		batch.setSignature(this.source.signature);
	}

	/** Readings through a view, with one call for each. */
	writeWhole(seq: number): void {
		const { values, times } = this.source;
		const batch = this.message.initRoot(this.#batch, BatchBuilder.dataWords, BatchBuilder.pointerCount);
		batch.setSeq(seq);
		batch.copyDevice(this.name);
		batch.setBattery(3.5);
		const readings = batch.initReadings(READINGS, this.#readings);
		const reading = this.#reading;
		for (let i = 0; i < READINGS; i++)
			readings.edit(i, reading).setAll((i & 3) as Kind, (i & 1) === 0, values[i]!, times[i]!);
		batch.setSignature(this.source.signature);
	}

	/** Readings through a view, with one call for each field. */
	writeAccessors(seq: number): void {
		const { source } = this;
		const batch = this.message.initRoot(this.#batch, BatchBuilder.dataWords, BatchBuilder.pointerCount);
		batch.setSeq(seq);
		batch.copyDevice(this.name);
		batch.setBattery(3.5);
		const readings = batch.initReadings(READINGS, this.#readings);
		const reading = this.#reading;
		for (let i = 0; i < READINGS; i++) {
			readings.edit(i, reading);
			reading.setKind((i & 3) as Kind);
			reading.setValid((i & 1) === 0);
			reading.setValue(source.values[i]!);
			reading.setAtMs(source.times[i]!);
		}
		batch.setSignature(source.signature);
	}

	/** A message may be read only so often; a real one is read once. */
	refill(): void {
		this.message.arena.budgetWords = 1 << 29;
	}

	/** Readings by index, with one call each. The sum is whole, so that no engine makes an object of it. */
	read(): number {
		const batch = this.message.readRoot(this.#batchReader);
		let sum = batch.getSeq() + batch.getBattery();
		if (batch.readDevice(this.#text).equals(this.name)) sum++;
		const readings = batch.readReadings(this.#readingsReader);
		const record = this.#record;
		const length = readings.length;
		for (let i = 0; i < length; i++) {
			readings.get(i, record);
			sum += record.kind + record.value + record.atMs;
			if (record.valid) sum++;
		}
		batch.readSignature(this.#data).copyTo(this.#signature, 0);
		return sum | 0;
	}

	/** Readings through a view, with one call for each field. */
	readAccessors(): number {
		const batch = this.message.readRoot(this.#batchReader);
		let sum = batch.getSeq() + batch.getBattery();
		if (batch.readDevice(this.#text).equals(this.name)) sum++;
		const readings = batch.readReadings(this.#readingsReader);
		const reading = this.#readingReader;
		const length = readings.length;
		for (let i = 0; i < length; i++) {
			readings.read(i, reading);
			sum += reading.getKind() + reading.getValue() + reading.getAtMs();
			if (reading.getValid()) sum++;
		}
		batch.readSignature(this.#data).copyTo(this.#signature, 0);
		return sum | 0;
	}

	/** Three fields of all. */
	peek(): number {
		const batch = this.message.readRoot(this.#batchReader);
		return batch.getSeq() + batch.getBattery() + batch.readReadings(this.#readingsReader).length;
	}

	/** All values at once. */
	column(): number {
		const batch = this.message.readRoot(this.#batchReader);
		batch.readReadings(this.#readingsReader).column(8, this.#column);
		return this.#column[READINGS - 1]!;
	}
}

/** The same by hand: a layout of its own, lengths before what varies, no checks. */
export class HandWritten {
	readonly source = new Source();
	readonly #bytes = new Uint8Array(1024);
	readonly #view = new DataView(this.#bytes.buffer);
	readonly #signature = new Uint8Array(32);

	write(seq: number): void {
		const source = this.source;
		const view = this.#view;
		const bytes = this.#bytes;
		view.setUint32(0, seq, true);
		view.setUint32(4, (seq / 4294967296) >>> 0, true);
		view.setFloat32(8, 3.5, true);
		const name = source.name;
		view.setUint16(12, name.length, true);
		let at = 14;
		for (let i = 0; i < name.length; i++) bytes[at++] = name[i]!;
		view.setUint16(at, READINGS, true);
		at += 2;
		for (let i = 0; i < READINGS; i++) {
			view.setUint16(at, i & 3, true);
			view.setUint8(at + 2, (i & 1) === 0 ? 1 : 0);
			view.setFloat64(at + 3, source.values[i]!, true);
			view.setUint32(at + 11, source.times[i]!, true);
			at += 15;
		}
		view.setUint16(at, source.signature.length, true);
		bytes.set(source.signature, at + 2);
	}

	read(): number {
		const view = this.#view;
		const bytes = this.#bytes;
		let sum = view.getUint32(0, true) + view.getUint32(4, true) * 4294967296 + view.getFloat32(8, true);
		const name = this.source.name;
		let at = 14;
		const length = view.getUint16(12, true);
		let same = length === name.length;
		for (let i = 0; same && i < length; i++) same = bytes[at + i] === name[i];
		if (same) sum++;
		at += length;
		const count = view.getUint16(at, true);
		at += 2;
		for (let i = 0; i < count; i++) {
			sum += view.getUint16(at, true) + view.getFloat64(at + 3, true) + view.getUint32(at + 11, true);
			if (view.getUint8(at + 2) !== 0) sum++;
			at += 15;
		}
		const signature = view.getUint16(at, true);
		at += 2;
		for (let i = 0; i < signature; i++) this.#signature[i] = bytes[at + i]!;
		return sum | 0;
	}
}

interface PlainBatch {
	seq: number;
	device: string;
	battery: number;
	readings: { kind: number; valid: boolean; value: number; atMs: number }[];
	signature: number[];
}

/** The same as an object, for JSON and others who take objects. */
export function plainBatch(source: Source): PlainBatch {
	const readings: PlainBatch["readings"] = [];
	for (let i = 0; i < READINGS; i++)
		readings.push({ kind: i & 3, valid: (i & 1) === 0, value: source.values[i]!, atMs: source.times[i]! });
	return { seq: 1, device: DEVICE, battery: 3.5, readings, signature: Array.from(source.signature) };
}

/** Reads all of it, as the others do. */
export function sumPlain(batch: PlainBatch): number {
	let sum = batch.seq + batch.battery;
	if (batch.device === DEVICE) sum++;
	for (let i = 0; i < batch.readings.length; i++) {
		const reading = batch.readings[i]!;
		sum += reading.kind + reading.value + reading.atMs;
		if (reading.valid) sum++;
	}
	return sum;
}
