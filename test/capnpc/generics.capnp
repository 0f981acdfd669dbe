# Type parameters of structs, interfaces and methods, and what can be bound to them.
@0xa9c2ab6a1a1c1001;

struct Entry @0xe5a1b4f8a1d4bb01 (Key, Value) {
	key @0 :Key;
	value @1 :Value;
	next @2 :Entry(Key, Value);
	swapped @3 :Entry(Value, Key);
	union {
		empty @4 :Void;
		alternative @5 :Value;
	}
	meta :group { owner @6 :Key; note @7 :Text; }
}

struct Entries @0xe5a1b4f8a1d4bb02 {
	words @0 :Entry(Text, Data);
	points @1 :Entry(Text, Point);
	lists @2 :Entry(List(Point), List(UInt16));
	stores @3 :Entry(Text, Store(Text));
	many @4 :List(Entry(Text, Text));
	open @5 :Entry;
}

struct Point @0xe5a1b4f8a1d4bb03 { x @0 :Int32; y @1 :Int32; }

struct Unused @0xe5a1b4f8a1d4bb04 (T) { number @0 :UInt32; }

interface Store @0xe5a1b4f8a1d4bb05 (T) {
	get @0 () -> (value :T);
	set @1 (value :T) -> ();
	watch @2 (listener :Listener(T)) -> (entry :Entry(Text, T));
	echo @3 [U] (value :U, count :UInt32) -> (values :Entry(T, U));
	fork @4 () -> (store :Store(T));
}

interface Listener @0xe5a1b4f8a1d4bb06 (T) { changed @0 (value :T) -> stream; }
interface TextStore @0xe5a1b4f8a1d4bb07 extends(Store(Text)) { length @0 () -> (characters :UInt32); }
