@0xc1c1c1c1c1c1c101;
# Two imports that declare the same names, and this file once more.
using One = import "one.capnp";
using Two = import "two.capnp";
struct Pair { one @0 :One.Same; two @1 :Two.Same; own @2 :Same; kind1 @3 :One.Kind; kind2 @4 :Two.Kind; cap1 @5 :One.Cap; cap2 @6 :Two.Cap; }
struct Same { own @0 :Text; }
interface Cap extends (One.Cap) { run @0 () -> (one :One.Same, two :Two.Same, same :Same, cap :Two.Cap); }
