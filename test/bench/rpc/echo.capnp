@0x9f0c5d2b7e61a834;
# What the benches' vats say to each other.

interface Echo @0xb4e1c8d90f3a7726 {
  # The id and the first method of the C++ peer's interface: the same bytes.
  say @0 (text :Text) -> (text :Text);
}
