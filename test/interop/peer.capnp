@0xd3a1f0b27c5e8841;
# What the peers in this folder say to each other.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("peer");

interface Peer @0xb4e1c8d90f3a7726 {
  struct Said { text @0 :Text; }

  echo @0 (text :Text) -> Said;
  identity @1 (cap :Peer) -> (cap :Peer);
  # Gives back what it got.
  later @2 (cap :Peer) -> (cap :Peer);
  # The same, as a promise that resolves at the next `settle`.
  settle @3 ();
  callBack @4 (cap :Peer, text :Text) -> Said;
  # The answer of `cap.echo(text)`, waited for.
  forward @5 (cap :Peer, text :Text) -> Said;
  # The same as a tail call.
  sequence @6 (number :UInt32);
  # Must be called with 0, 1, 2, …: fails otherwise.
  hang @7 ();
  # Never answers; counts being canceled.
  canceled @8 () -> (count :UInt32);
  fail @9 (reason :Text);
  write @10 (bytes :Data) -> stream;
  written @11 () -> (count :UInt64);
  released @12 () -> (count :UInt32);
  # How many of those made by `make` are gone.
  make @13 () -> (cap :Peer);
  disconnect @14 ();
  # Ends the process without a word.
}
