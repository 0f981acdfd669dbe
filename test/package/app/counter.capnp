@0xbf3c7c8d31f0a7a1;

interface Counter {
  add @0 (amount :Int32) -> (total :Int64);
}
