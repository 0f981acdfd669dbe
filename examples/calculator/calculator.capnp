# The calculator that other implementations ship as their sample: same ids, so that their clients and servers work with these.
@0x85150b117366d14b;

interface Calculator {
  evaluate @0 (expression :Expression) -> (value :Value);
  # The value may be used before it is known: in another expression, or by reading it.

  struct Expression {
    union {
      literal @0 :Float64;
      previousResult @1 :Value;
      # Of an earlier `evaluate`.
      parameter @2 :UInt32;
      # Only in the body of a function: its nth parameter.
      call :group {
        function @3 :Function;
        params @4 :List(Expression);
      }
    }
  }

  interface Value {
    read @0 () -> (value :Float64);
  }

  defFunction @1 (paramCount :Int32, body :Expression) -> (func :Function);

  interface Function {
    # May be the client's as well as the server's.

    call @0 (params :List(Float64)) -> (value :Float64);
  }

  getOperator @2 (op :Operator) -> (func :Function);

  enum Operator {
    add @0;
    subtract @1;
    multiply @2;
    divide @3;
  }
}
