# What everything.capnp imports.
@0xa3a3c2ab6a1a1c11;

struct Imported @0xd5fd2a2b9f2a7c01 {
	number @0 :UInt32 = 7;
	name @1 :Text;
}

enum Fruit @0xd5fd2a2b9f2a7c02 { apple @0; pear @1; }

interface Base @0xd5fd2a2b9f2a7c03 {
	hello @0 (name :Text) -> (greeting :Text);
}

const answer @0xd5fd2a2b9f2a7c04 :Int32 = 42;
annotation unit @0xd5fd2a2b9f2a7c05 (field) :Text;
