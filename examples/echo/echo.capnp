# The first thing to say to another program.
@0xec4563814c30cfe6;

interface Echo {
  say @0 (text :Text) -> (reply :Text);

  repeat @1 (text :Text, times :UInt32, to :Listener) -> ();
  # Says it several times, to a listener of the caller's own.
}

interface Listener {
  hear @0 (text :Text) -> ();
}
