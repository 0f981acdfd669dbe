@0xb1c9a1f0de5c0bea;
# What the codec bench writes and reads; also the messages of the fuzzer.

struct Batch {
  seq @0 :UInt64;
  device @1 :Text;
  battery @2 :Float32;
  readings @3 :List(Reading);
  signature @4 :Data;
}

struct Reading {
  kind @0 :Kind;
  valid @1 :Bool;
  value @2 :Float64;
  atMs @3 :UInt32;
}

enum Kind {
  temperature @0;
  humidity @1;
  pressure @2;
  light @3;
}

struct AddressBook {
  people @0 :List(Person);
}

struct Person {
  id @0 :UInt32;
  name @1 :Text;
  email @2 :Text;
  phones @3 :List(Phone);
  employment :union {
    unemployed @4 :Void;
    employer @5 :Text;
    school @6 :Text;
  }
}

struct Phone {
  number @0 :Text;
  type @1 :UInt16;
}

struct Tree {
  value @0 :Int32;
  left @1 :Tree;
  right @2 :Tree;
}

struct Blobs {
  parts @0 :List(Data);
}

struct Wide {
  a0 @0 :Int64;
  a1 @1 :UInt32;
  a2 @2 :UInt16;
  a3 @3 :UInt8;
  a4 @4 :Bool;
  a5 @5 :Float64;
  a6 @6 :Float32;
  a7 @7 :Int32;
  a8 @8 :Int16;
  a9 @9 :Int8;
  b0 @10 :UInt32 = 7;
  b1 @11 :Float64 = 1.5;
  b2 @12 :Bool = true;
  b3 @13 :UInt32;
  b4 @14 :UInt32;
  b5 @15 :UInt32;
  b6 @16 :Float64;
  b7 @17 :Float64;
  b8 @18 :Float64;
  b9 @19 :Float64;
  c0 @20 :Text;
  c1 @21 :List(UInt16);
}
