# A room thermostat on a microcontroller and the hub that looks after it.
@0xe7b85bd112a2c732;

interface Registry {
	# What the hub publishes: the reference in its URI.

	register @0 (label :Text, thermostat :Thermostat) -> (registration :Registration);
	# The hub keeps the thermostat until the device drops the registration or its connection ends.
}

interface Registration {}

interface Thermostat {
	read @0 () -> (celsius :Float32, target :Float32, heating :Bool);

	setTarget @1 (celsius :Float32);
	# Fails, naming the range, for a target outside 5 to 30 degrees.

	watch @2 (listener :Listener) -> (subscription :Subscription);
	# Telemetry flows until the subscription is released; the device then releases the listener.

	sensor @3 (name :Text) -> (sensor :Sensor);
	# Fails for a name other than "room" and "outside".
}

interface Sensor {
	sample @0 () -> (celsius :Float32);
}

interface Listener {
	telemetry @0 (batch :Batch) -> ();
	# One batch at a time: the next is sent when this call has returned.
}

interface Subscription {
	setPeriod @0 (milliseconds :UInt32);
}

struct Batch {
	label @0 :Text;
	sequence @1 :UInt32;
	usage @2 :Usage;
	readings @3 :List(Reading);
	# Oldest first.
	raw @4 :Data;
	# The converter's samples behind the last reading, one byte each.
}

struct Reading {
	uptimeMs @0 :UInt32;
	quantity @1 :Quantity;
	celsius @2 :Float32;
}

enum Quantity {
	room @0;
	outside @1;
	target @2;
}

struct Usage {
	# What the device spends, as its engine and host count it.

	uptimeMs @0 :UInt32;
	slots @1 :UInt32;
	chunkBytes @2 :UInt32;
	collections @3 :UInt32;
	ramFreeBytes @4 :UInt32;
	bytesIn @5 :UInt32;
	bytesOut @6 :UInt32;
}
