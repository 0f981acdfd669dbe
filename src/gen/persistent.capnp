# How a capability is asked for a reference that outlives its connection. Ids, ordinals, names and types are facts of the
# protocol.

@0xb8630836983feed7;

interface Persistent @0xc8cb212fcd9f5691 (SturdyRef, Owner) {
  # Has the two types that a realm chose for its saved references and for those to whom they can be sealed.

  save @0 SaveParams -> SaveResults;
  # Saves the capability and gives the reference that restores it.

  struct SaveParams {
    sealFor @0 :Owner;
    # Only this owner can restore it; null where the realm allows everyone to.
  }
  struct SaveResults {
    sturdyRef @0 :SturdyRef;
  }
}

annotation persistent @0xf622595091cafb67 (interface, field) :Void;
# Whether instances can be saved.
