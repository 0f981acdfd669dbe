@0xc1c1c1c1c1c1c102;
struct Same { one @0 :Text; }
enum Kind { one @0; other @1; }
interface Cap { go @0 () -> (one :Same); one @1 (); }
