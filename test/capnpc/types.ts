/**
 * What must not compile does not: the compiler of the project checks this file, and an expected error that is missing is an
 * error itself. Nothing here runs.
 */
import type { Answer, AnyValue, Input, Result } from "vatlet/runtime";
import { AnyReader, anyValue, type Client, DataBuilder, DataReader, TextBuilder, TextReader } from "vatlet/runtime";
import {
	BoxesReader,
	BoxReader,
	type Both,
	type Color,
	type ColorName,
	Device as DeviceTable,
	type Device,
	type DeviceMethods,
	OnlyUnionReader,
	Point as PointTable,
	PointBuilder,
	PointReader,
	PointersBuilder,
	PointersReader,
	type Point,
	type Pointers,
	ScalarsBuilder,
	type Scalars,
	Unions,
	UnionsWhich,
} from "./everything.capnp.js";
import {
	type Entry,
	EntryBuilder,
	EntryReader,
	type Store,
	type StoreClient,
	type StoreEchoResultsReader,
	StoreServer,
	type StoreSetCall,
	type TextStoreClient,
} from "./generics.capnp.js";

export function views(reader: PointersReader, builder: PointersBuilder, scalars: ScalarsBuilder): void {
	reader.readStruct(new PointReader());
	// @ts-expect-error another struct's reader
	reader.readStruct(new OnlyUnionReader());
	// @ts-expect-error text is not a struct
	reader.readStruct(new TextReader());
	reader.readAny(new AnyReader());
	// @ts-expect-error no setter on a reader
	reader.setText("");
	// @ts-expect-error no getter on a builder
	builder.getText();
	scalars.setColor(2 satisfies Color);
	// @ts-expect-error not a value of the enum
	scalars.setColor(7);
	// @ts-expect-error 64 bits as number or through BigInt's own setter
	scalars.setInt64(1n);
	scalars.setInt64BigInt(1n);
}

export function generics(boxes: BoxesReader): void {
	const text = boxes.readText(new BoxReader<TextReader>());
	text.readValue(new TextReader());
	// @ts-expect-error bound to Text
	text.readValue(new PointReader());
	// @ts-expect-error a box of points
	boxes.readText(new BoxReader<PointReader>());
	boxes
		.readNested(new BoxReader<BoxReader<DataReader>>())
		.readValue(new BoxReader<DataReader>())
		.readValue(new DataReader());
	boxes.readUnbound(new BoxReader()).readValue(new AnyReader());
}

export function genericBuilders(
	words: EntryBuilder<TextReader, DataReader>,
	points: EntryBuilder<PointReader, Client>,
): void {
	words.setKey("text");
	// @ts-expect-error bound to Text
	words.setKey(new globalThis.Uint8Array(1));
	words.initValue(new DataBuilder(), 3);
	// @ts-expect-error bound to Data
	words.initValue(new TextBuilder(), 3);
	words.initSwapped(new EntryBuilder<DataReader, TextReader>());
	// @ts-expect-error key and value the other way round
	words.initSwapped(new EntryBuilder<TextReader, DataReader>());
	points.initKey(new PointBuilder()).setX(1);
	// @ts-expect-error another struct's builder
	points.initKey(new ScalarsBuilder());
	// @ts-expect-error a struct is built, not set
	points.setKey("text");
	points.setValue(null);
	// @ts-expect-error a reader of another struct
	points.asReader(new PointReader());
	const key: TextReader = words.asReader(new EntryReader<TextReader, DataReader>()).readKey(new TextReader());
	void key;
}

export function genericClients(store: StoreClient<TextReader>, texts: TextStoreClient): void {
	store.startSet().params.setValue("text");
	texts.startSet().params.setValue("text");
	// @ts-expect-error a store of texts
	texts.startSet().params.setValue(new globalThis.Uint8Array(1));
	const request = store.startEcho<PointReader>();
	request.params.initValue(new PointBuilder()).setX(1);
	// @ts-expect-error the method's parameter is bound to Point
	request.params.setValue("text");
	const results: StoreEchoResultsReader<TextReader, PointReader> | undefined = request.results;
	void results;
}

export abstract class Texts extends StoreServer<TextReader> {
	override set(call: StoreSetCall<TextReader>): void {
		call.params.readValue(new TextReader());
		// @ts-expect-error a store of texts
		call.params.readValue(new PointReader());
	}
}

export async function genericObjects(store: Store<string>): Promise<void> {
	await store.set({ value: "text" });
	// @ts-expect-error a store of texts
	await store.set({ value: 1 });
	const { entry } = await store.watch({ listener: ({ value }) => void (value satisfies string | undefined) });
	const same: Entry<string, string> | undefined = entry;
	// @ts-expect-error a listener has other methods
	void store.watch({ listener: store });
	const { values } = await store.echo<Point>({ value: { x: 1 } }, { types: [{ struct: () => PointTable }] });
	const point: Point | undefined = values!.value;
	void [same, point];
}

export function plain(unions: Unions, scalars: Scalars): void {
	const wide: bigint = scalars.int64;
	const name: ColorName = scalars.color;
	// @ts-expect-error enums are their names in plain objects
	const number: number = scalars.color;
	if (unions.point !== undefined) {
		const point: Point | null = unions.point;
		// @ts-expect-error the other members are not there
		const text: string = unions.text;
		void [point, text];
	}
	const good: Input<Unions> = { before: 1, text: "x" };
	// @ts-expect-error two members of one union
	const both: Input<Unions> = { text: "x", number: 1 };
	// @ts-expect-error no such field
	const unknown: Input<Unions> = { text: "x", other: 1 };
	const which: (typeof UnionsWhich)["TEXT"] = UnionsWhich.TEXT;
	void [wide, name, number, good, both, unknown, which];
}

export async function capabilities(device: Device, both: Both): Promise<void> {
	const asBase: Device = both;
	const answer: Answer<{ device: Device | null }> = device.open({ name: "x" });
	await answer.device.write({ bytes: new globalThis.Uint8Array(1) });
	// @ts-expect-error pipelined calls have the method's own params
	void answer.device.write({ name: "x" });
	// @ts-expect-error no such method
	void device.close();
	const { number } = await both.point({ x: 1 });
	const done: void = await device.write({});
	void [asBase, number, done];
}

/** Servers have the methods, plain params and results. */
export const server: Partial<DeviceMethods> = {
	open: ({ name }, { signal }): Result<{ device: Device | null }> =>
		signal.aborted || name === "" ? undefined : { device: null },
	// @ts-expect-error results of a wrong type
	release_: () => ({ done: "yes" }),
};

export function anyValues(pointers: Pointers, store: Store<string>): void {
	const point: Point = pointers.any!.as(PointTable);
	const words: string[] = pointers.anyList!.as({ list: "text" });
	const rows: bigint[][] = pointers.anyList!.as({ list: { list: "int64" } });
	const device: Device | null = pointers.any!.as(DeviceTable);
	const given: Input<Pointers> = { any: anyValue("text", "x"), anyStruct: anyValue(PointTable, { x: 1 }) };
	// @ts-expect-error a point has no such field
	anyValue(PointTable, { z: 1 });
	// @ts-expect-error not a list
	anyValue({ list: "uint8" }, 1);
	// @ts-expect-error what it is has to be said
	const bare: Input<Pointers> = { any: "x" };
	// @ts-expect-error another struct's
	const other: Scalars = pointers.any!.as(PointTable);
	const echo: Promise<AnyValue | undefined> = store
		.echo({ value: anyValue("data", new globalThis.Uint8Array(1)) })
		.then(({ values }) => values?.value);
	void [point, words, rows, device, given, bare, other, echo];
}
