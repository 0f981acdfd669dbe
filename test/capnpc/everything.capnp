# Every construct of the schema language, for the compiler's specs.
@0xa3a3c2ab6a1a1c10;

using Other = import "other.capnp";
using import "other.capnp".Fruit;

annotation mark @0xe0c1b4f8a1d4aa01 (*) :Text;
annotation flag @0xe0c1b4f8a1d4aa02 (*) :Void;
annotation weight @0xe0c1b4f8a1d4aa03 (struct, field, enumerant) :Float64;
annotation shape @0xe0c1b4f8a1d4aa04 (struct) :Point;

$mark("the file");

enum Color @0xe0c1b4f8a1d4aa10 $mark("an enum") {
	# Ünicode: größer, 日本語, 🎨 and a */ inside.
	red @0 $weight(0.5);
	# Like blood.
	green @1;
	deepBlue @2;
}

struct Point @0xe0c1b4f8a1d4aa11 $shape(x = 3, y = 4) {
	x @0 :Int32;
	y @1 :Int32;
}

struct Scalars @0xe0c1b4f8a1d4aa12 {
	void @0 :Void;
	bool @1 :Bool;
	int8 @2 :Int8;
	int16 @3 :Int16;
	int32 @4 :Int32;
	int64 @5 :Int64;
	uint8 @6 :UInt8;
	uint16 @7 :UInt16;
	uint32 @8 :UInt32;
	uint64 @9 :UInt64;
	float32 @10 :Float32 $Other.unit("metres");
	float64 @11 :Float64;
	color @12 :Color;
	fruit @13 :Fruit;
}

struct Defaults @0xe0c1b4f8a1d4aa13 {
	bool @0 :Bool = true;
	int8 @1 :Int8 = -12;
	int16 @2 :Int16 = -1234;
	int32 @3 :Int32 = -123456789;
	int64 @4 :Int64 = -1234567890123456789;
	uint8 @5 :UInt8 = 200;
	uint16 @6 :UInt16 = 60000;
	uint32 @7 :UInt32 = 4000000000;
	uint64 @8 :UInt64 = 0xfedcba9876543210;
	float32 @9 :Float32 = 1.25;
	float64 @10 :Float64 = -inf;
	nan @11 :Float64 = nan;
	color @12 :Color = deepBlue;
	text @13 :Text = "hällo \"there\"\n";
	data @14 :Data = 0x"00 ff 10";
	point @15 :Point = (x = 1, y = -2);
	numbers @16 :List(UInt16) = [1, 2, 65535];
	names @17 :List(Text) = ["a", "", "c"];
	points @18 :List(Point) = [(x = 1), (y = 2)];
	flags @19 :List(Bool) = [true, false, true];
	matrix @20 :List(List(Int8)) = [[1], [], [-1, 2]];
}

struct Pointers @0xe0c1b4f8a1d4aa14 {
	text @0 :Text;
	data @1 :Data;
	struct @2 :Point;
	list @3 :List(Point);
	any @4 :AnyPointer;
	anyStruct @5 :AnyStruct;
	anyList @6 :AnyList;
	capability @7 :Capability;
	self @8 :Pointers;
	imported @9 :Other.Imported;
	interface @10 :Device;
}

struct Lists @0xe0c1b4f8a1d4aa15 {
	voids @0 :List(Void);
	bools @1 :List(Bool);
	int8s @2 :List(Int8);
	int16s @3 :List(Int16);
	int32s @4 :List(Int32);
	int64s @5 :List(Int64);
	uint8s @6 :List(UInt8);
	uint16s @7 :List(UInt16);
	uint32s @8 :List(UInt32);
	uint64s @9 :List(UInt64);
	float32s @10 :List(Float32);
	float64s @11 :List(Float64);
	texts @12 :List(Text);
	datas @13 :List(Data);
	colors @14 :List(Color);
	points @15 :List(Scalars);
	lists @16 :List(List(Point));
	textLists @17 :List(List(Text));
	deep @18 :List(List(List(Float32)));
	devices @19 :List(Device);
}

struct Unions @0xe0c1b4f8a1d4aa16 {
	# An unnamed union, a named one, a group, groups in unions and unions in groups.
	before @0 :UInt16;

	union {
		nothing @1 :Void;
		number @2 :UInt32;
		text @3 :Text;
		point @4 :Point;
		pair :group {
			left @5 :Int64;
			right @6 :Text;
			inner :union { a @7 :Bool = true; b @8 :List(UInt8); }
		}
		color @9 :Color = green;
	}

	named :union {
		first @10 :Void;
		second @11 :Float64;
	}

	plain :group {
		which @12 :UInt8;
		deeper :group { value @13 :Data; }
	}
}

struct OnlyUnion @0xe0c1b4f8a1d4aa17 {
	union {
		one @0 :Void;
		two @1 :OnlyUnion;
		three @2 :Int16;
	}
}

struct Outer @0xe0c1b4f8a1d4aa18 {
	# Names that meet when they are put together.
	struct Inner @0xe0c1b4f8a1d4aa19 { value @0 :UInt8; enum Kind @0xe0c1b4f8a1d4aa1a { small @0; large @1; } }
	struct Reader @0xe0c1b4f8a1d4aa1b { value @0 :Outer; }
	struct Details @0xe0c1b4f8a1d4aa1c { value @0 :UInt8; }
	const limit @0xe0c1b4f8a1d4aa1d :UInt32 = 10;
	inner @0 :Inner;
	kind @1 :Inner.Kind;
	details :group { value @2 :UInt8; other @3 :Details; }
}

struct OuterInner @0xe0c1b4f8a1d4aa1e { sameName @0 :Bool; }
struct Promise @0xe0c1b4f8a1d4aa1f { struct @0 :Text; list @1 :Text; null @2 :Bool; constructor @3 :UInt8; class @4 :Uint8Array; }
struct Uint8Array @0xe0c1b4f8a1d4aa20 { data @0 :Data; }
struct Struct @0xe0c1b4f8a1d4aa21 { hook @0 :Text; at @1 :Text; bool @2 :Bool; text @3 :Text; which @4 :Void; }
struct Empty @0xe0c1b4f8a1d4aa22 {}

struct Box @0xe0c1b4f8a1d4aa23 (T) {
	value @0 :T;
	other @1 :Text;
	struct Lid @0xe0c1b4f8a1d4aa24 (U) { below @0 :T; above @1 :U; }
}
struct Boxes @0xe0c1b4f8a1d4aa25 {
	text @0 :Box(Text);
	point @1 :Box(Point);
	nested @2 :Box(Box(Data));
	lid @3 :Box(Text).Lid(Point);
	unbound @4 :Box;
}

interface Device @0xe0c1b4f8a1d4aa30 $mark("an interface") {
	then @0 () -> ();
	release @1 (force :Bool = true) -> (done :Bool) $flag;
	write @2 (bytes :Data) -> stream;
	point @3 Point -> Other.Imported;
	open @4 (name :Text) -> Opened;
	generic @5 [T] (value :T) -> (value :T, boxed :Box(T));
}
struct Opened @0xe0c1b4f8a1d4aa35 {
	device @0 :Device;
	status :group {
		union { none @1 :Void; spare @2 :Device; }
		deeper @3 :Opened;
	}
}
interface Left @0xe0c1b4f8a1d4aa31 extends(Device) { point @0 (); left @1 (); }
interface Right @0xe0c1b4f8a1d4aa32 extends(Device, Other.Base) { right @0 (); }
interface Both @0xe0c1b4f8a1d4aa33 extends(Left, Right) { both @0 (callback :Callback(Text)); }
interface Callback @0xe0c1b4f8a1d4aa34 (T) { call @0 (value :T) -> (); }

const void @0xe0c1b4f8a1d4aa40 :Void = void;
const truth @0xe0c1b4f8a1d4aa41 :Bool = true;
const small @0xe0c1b4f8a1d4aa42 :Int8 = -128;
const big @0xe0c1b4f8a1d4aa43 :UInt64 = 18446744073709551615;
const negative @0xe0c1b4f8a1d4aa44 :Int64 = -9223372036854775808;
const pi @0xe0c1b4f8a1d4aa45 :Float64 = 3.141592653589793;
const never @0xe0c1b4f8a1d4aa46 :Float32 = inf;
const favourite @0xe0c1b4f8a1d4aa47 :Color = green;
const greeting @0xe0c1b4f8a1d4aa48 :Text = "grüß \"dich\"";
const blob @0xe0c1b4f8a1d4aa49 :Data = 0x"de ad be ef";
const origin @0xe0c1b4f8a1d4aa4a :Point = (x = -1, y = 1);
const path @0xe0c1b4f8a1d4aa4b :List(Point) = [(x = 1, y = 2), (x = 3, y = 4)];
const primes @0xe0c1b4f8a1d4aa4c :List(UInt8) = [2, 3, 5, 7];
const words @0xe0c1b4f8a1d4aa4d :List(Text) = ["one", "two"];
const default @0xe0c1b4f8a1d4aa4e :UInt8 = .Outer.limit;
const tree @0xe0c1b4f8a1d4aa4f :OnlyUnion = (two = (two = (three = 5)));

# Few numbers, some of them in one half of a word: what can be set in one call. Names of fields are those of the call's own.
struct Reading @0xe0c1b4f8a1d4aa50 {
  at @0 :Bool;
  data @1 :UInt8;
  new @2 :Int16;
  colour @3 :Color;
  last @4 :Bool;
  weight @5 :Float32;
  count @6 :Int32;
  ratio @7 :Float64;
}

# Numbers of every width at every place of a half of a word.
struct Halves @0xe0c1b4f8a1d4aa51 {
  low @0 :Int8;
  middle @1 :Int8;
  top @2 :Color;
  short @3 :Int16;
  third @4 :UInt8;
  fourth @5 :UInt8;
  word @6 :UInt16;
  last @7 :Int8;
}
