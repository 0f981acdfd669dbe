# A log that several programs write to, each under the name that it was given.
@0xbd5e0a4f8c1d7e23;

interface Logger {
  log @0 (text :Text) -> ();

  sub @1 (label :Text) -> (logger :Logger);
  # A logger that can only write under this one's label and its own.
}
