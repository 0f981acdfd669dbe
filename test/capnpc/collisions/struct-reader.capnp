@0xc1c1c1c1c1c1c100;

# Named like what generated modules import, and like globals.
struct StructReader { struct StructReader { x @0 :UInt8; } structReader @0 :StructReader; textReader @1 :TextReader; }
struct TextReader { place @0 :Place; anyValue @1 :AnyPointer; text @2 :Text; }
struct Place { at @0 :Text; text @1 :Text; list @2 :List(Array); }
struct AnyValue { value @0 :AnyPointer; }
struct Array { length @0 :UInt32; }
struct Object { hasOwn @0 :Text; keys @1 :List(Text); }
struct Promise { then @0 :Text; }
struct Record { uint8Array @0 :Data; }
struct Uint8Array { bytes @0 :Data; }
struct BigInt { value @0 :Int64 = 5; u @1 :UInt64 = 7; }
struct Error { message @0 :Text; }
struct Number { nan @0 :Float64 = nan; inf @1 :Float32 = inf; }
struct Math { floor @0 :Float64 = -inf; }
struct String { s @0 :Text = "x"; }
struct Symbol { iterator @0 :Void; }
struct Map { get @0 :Int8; set @1 :Int8; }
struct View { view @0 :Int16 = 3; data @1 :Int32; dataBytes @2 :Int64; }
struct FieldType { type @0 :Text; }
struct Input(T) { t @0 :T; }
struct Capability { c @0 :AnyPointer; }
enum DispatchResult { done @0; unknownMethod @1; }
enum Infinity { nan @0; infinity @1; }
struct Omit { keyof @0 :Text; }
struct GlobalThis { uint8Array @0 :Data; }

struct Words {
	break @0 :Text; case @1 :Text; class @2 :Text; const @3 :Text; default @4 :Text; delete @5 :Text; enum @6 :Text; export @7 :Text;
	function @8 :Text; import @9 :Text; in @10 :Text; new @11 :Text; null @12 :Text; return @13 :Text; static @14 :Text; super @15 :Text;
	this @16 :Text; typeof @17 :Text; void @18 :Text; var @19 :Text; with @20 :Text; yield @21 :Text; await @22 :Text; async @23 :Text;
	constructor @24 :Text; prototype @25 :Text; toString @26 :Text; valueOf @27 :Text; then @28 :Text; hasOwnProperty @29 :Text; arguments @30 :Text; eval @31 :Text;
	let @32 :Text; package @33 :Text; undefined @34 :Text; name @35 :Text; length @36 :UInt8; toJSON @37 :Text; catch @38 :Text; proto @39 :Text;
}

struct Members {
	# Named like members of the base classes.
	at @0 :UInt8; text @1 :Text; list @2 :List(UInt8); absent @3 :Bool; hook @4 :Capability; struct @5 :Place; data @6 :Data; any @7 :AnyPointer;
	asReader @8 :Text; types @9 :Text; which @10 :UInt8; dataWords @11 :UInt8; pointerCount @12 :UInt8; root @13 :Text;
	union { all @14 :Void; is @15 :Text; none @16 :UInt8; }
	erase @17 :Text; copy @18 :Text; adopt @19 :Text; readText @20 :Text; low @21 :UInt64; uint8 @22 :UInt8;
}

struct Small { all @0 :UInt8; value @1 :UInt8; view @2 :UInt8; this @3 :UInt8; at @4 :UInt8; arguments @5 :UInt8; }

struct Sample {
	# A small one, beside structs that are called like its lists and records.
	constructor @0 :UInt8; i @1 :UInt8; into @2 :UInt8; at @3 :UInt8; bytes @4 :Bool; get @5 :UInt8; static @6 :UInt8; readonly @7 :UInt8;
	struct Record { x @0 :UInt8; y @1 :UInt8; }
}
struct SampleListReader { samples @0 :List(Sample); records @1 :List(Sample.Record); }

struct Accessors {
	# Accessors of one that are called like those of another.
	x @0 :UInt64; xLow @1 :UInt32; xHigh @2 :UInt32; xBigInt @3 :UInt8; xHalves @4 :UInt8;
	which @5 :UInt8; union { a @6 :Void; b @7 :Void; }
}

struct Unions {
	union { which @0 :Void; constructor @1 :Text; then @2 :UInt8; }
	toString :union { a @3 :Void; valueOf @4 :Text; }
	prototype :group { then @5 :Text; toString @6 :Bool; }
}

interface Calls {
	then @0 (then :Text) -> (then :Text);
	constructor @1 () -> ();
	toString @2 (class :Text) -> (default :Text);
	hook @3 () -> (); release @4 () -> (); as @5 (as :Text) -> (); begin @6 () -> (); start @7 () -> (); dispatch @8 () -> ();
	prototype @9 () -> (); call @10 (call :Text, options :Text, params :Text) -> (results :Calls); delete @11 () -> (); aim @12 () -> (); adopt @13 () -> ();
	catch @14 () -> (then :Calls, catch :Calls, finally :Calls); finally @15 () -> (); done @16 () -> stream;
	whenDone @17 () -> (); same @18 () -> (); context @19 (context :Text) -> ();
}

struct Generic(TextReader, Promise, StructReader) { a @0 :TextReader; b @1 :Promise; c @2 :List(StructReader); }
struct Generic2(T, View, AnyReader) { t @0 :T; v @1 :View; a @2 :AnyReader; inner @3 :Inner; struct Inner { t @0 :T; } }
struct UseGenerics { a @0 :Generic(Text, TextReader, StructReader); b @1 :Generic2(Text, Data, List(UInt8)); }

const place :Place = (at = "here");
const class :Text = "c";
const default :List(Text) = ["d"];
const eval :UInt8 = 3;
const undefined :Bool = true;
const nan :Float64 = 1;
const bigInt :UInt64 = 12345678901234567890;
const constantStruct :Place = (text = "t");
annotation await(*) :Text;
annotation readView(*) :Void;
