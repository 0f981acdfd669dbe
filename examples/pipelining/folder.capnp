# A tree to walk over a slow line.
@0xb8d50c1a3f47c1ef;

interface Folder {
  open @0 (name :Text) -> (folder :Folder);

  read @1 () -> (text :Text);
}
