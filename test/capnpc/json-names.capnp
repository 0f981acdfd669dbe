# What the annotations of compat/json.capnp do, each alone and inside each other.
@0xb3a1c2ab6a1a1c99;

using Json = import "/capnp/compat/json.capnp";

struct Annotated @0xc1b9ad2a0fd1aa01 $Json.discriminator(name = "kind") {
	someField @0 :Text $Json.name("some_field");
	base64 @1 :Data $Json.base64;
	hex @2 :Data $Json.hex;
	plain @3 :Data;
	tint @4 :Color;
	inner @5 :Inner $Json.flatten(prefix = "in_");
	group :group $Json.flatten() { first @6 :Int32; second @7 :Text $Json.name("zwei"); }
	union {
		nothing @8 :Void;
		inside @9 :Inner $Json.flatten();
		text @10 :Text $Json.name("TEXT");
		pair :group $Json.flatten() { left @11 :Int32; right @12 :Bool; }
	}
	tagged :union $Json.discriminator(name = "tag", valueName = "value") $Json.flatten(prefix = "t_") {
		x @13 :Int32;
		y @14 :Text;
		z @15 :Void;
	}
	named :union $Json.discriminator(name = "is") { number @16 :Int32; word @17 :Text; inner @18 :Inner; }
	colors @19 :List(Color);
	inners @20 :List(Inner);
	deep :group $Json.flatten(prefix = "p_") {
		text @21 :Text;
		deeper :group $Json.flatten(prefix = "w_") { text @22 :Text; inner @23 :Inner $Json.flatten(prefix = "z_"); }
	}
	renamed :union $Json.name("anders") $Json.discriminator() $Json.flatten() { small @24 :Int8 $Json.name("klein"); none @25 :Void; }
}

struct Inner @0xc1b9ad2a0fd1aa02 {
	number @0 :Int32 $Json.name("nummer");
	text @1 :Text;
	color @2 :Color = green;
}

enum Color @0xc1b9ad2a0fd1aa03 {
	red @0 $Json.name("ROT");
	green @1;
}
