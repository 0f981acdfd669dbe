# Loggers that outlive their program.
@0xc9f3d8716ab4025e;

interface Logger {
  log @0 (text :Text) -> ();

  sub @1 (label :Text) -> (logger :Logger);
  # A new logger under this one's label. It can be saved: its reference works after a restart.
}

struct SavedLogger {
  # What is kept of a logger, under its service id.
  label @0 :Text;
}
