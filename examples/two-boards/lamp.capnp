# Two boards that find each other through a hub.
@0x97c29bc89a36423c;

interface Lamp {
  switch @0 (on :Bool) -> (times :UInt32);
  # How often it was switched so far.
}

interface Hall {
  hang @0 (name :Text, lamp :Lamp) -> (place :Place);
  # The lamp hangs there until its place is dropped.

  lamp @1 (name :Text) -> (lamp :Lamp);
  # Fails where no lamp hangs.
}

interface Place {}
