@0xc1c1c1c1c1c1c103;
struct Same { two @0 :Text; }
enum Kind { two @0; other @1; }
interface Cap { go @0 () -> (two :Same); two @1 (); }
