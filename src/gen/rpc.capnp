# The messages of Cap'n Proto RPC, as the protocol defines them: ids, ordinals, names and types are facts of the protocol,
# through level 4. What each promises is told in the core that keeps it.

@0xb312981b2552a250;

using QuestionId = UInt32;
# Chosen by the caller; the other side's answer has the same number.

using AnswerId = QuestionId;

using ExportId = UInt32;
# Chosen by the exporter; counted by references.

using ImportId = ExportId;

struct Message {
  # One message between two vats.
  union {
    unimplemented @0 :Message;
    # The sender got this message and cannot act on it.

    abort @1 :Exception;
    # The connection ends, and why.

    bootstrap @8 :Bootstrap;
    call @2 :Call;
    return @3 :Return;
    finish @4 :Finish;

    resolve @5 :Resolve;
    release @6 :Release;
    disembargo @13 :Disembargo;

    obsoleteSave @7 :AnyPointer;
    obsoleteDelete @9 :AnyPointer;

    provide @10 :Provide;
    accept @11 :Accept;
    thirdPartyAnswer @14 :ThirdPartyAnswer;

    join @12 :Join;
  }
}

struct Bootstrap {
  # Asks for the capability that the peer offers to whoever connects.

  questionId @0 :QuestionId;

  deprecatedObjectId @1 :AnyPointer;
  # Which of several; null is the default one. OCaml vats put a sturdy ref's object id here.
}

struct Call {
  questionId @0 :QuestionId;
  target @1 :MessageTarget;
  interfaceId @2 :UInt64;
  methodId @3 :UInt16;

  allowThirdPartyTailCall @8 :Bool = false;
  # Whether the answer may be a Return with awaitFromThirdParty.

  noPromisePipelining @9 :Bool = false;
  # The caller promises to send nothing to the results before they are there.

  onlyPromisePipeline @10 :Bool = false;
  # The caller wants no Return, only to pipeline on the results.

  params @4 :Payload;

  sendResultsTo :union {
    caller @5 :Void;
    yourself @6 :Void;
    thirdParty @7 :ThirdPartyToContact;
  }
}

struct Return {
  answerId @0 :AnswerId;

  releaseParamCaps @1 :Bool = true;
  # Every capability of the params counts as released once.

  noFinishNeeded @8 :Bool = false;
  # The answer is forgotten already: the caller sends no Finish.

  union {
    results @2 :Payload;
    exception @3 :Exception;
    canceled @4 :Void;
    resultsSentElsewhere @5 :Void;
    takeFromOtherQuestion @6 :QuestionId;
    awaitFromThirdParty @7 :ThirdPartyToAwait;
  }
}

struct Finish {
  questionId @0 :QuestionId;

  releaseResultCaps @1 :Bool = true;
  # Every capability of the results counts as released once.

  requireEarlyCancellationWorkaround @2 :Bool = true;
  # Unset by those that know that a Finish may overtake the delivery of its call.
}

struct Resolve {
  # What a promise that was sent has become.

  promiseId @0 :ExportId;

  union {
    cap @1 :CapDescriptor;
    exception @2 :Exception;
  }
}

struct Release {
  id @0 :ImportId;

  referenceCount @1 :UInt32;
  # How many of the references that were sent are given back.
}

struct Disembargo {
  # Everything sent along the old path has arrived when this comes back.

  target @0 :MessageTarget;

  using EmbargoId = UInt32;
  using ThirdPartyEmbargoId = Data;

  context :union {
    senderLoopback @1 :EmbargoId;
    receiverLoopback @2 :EmbargoId;
    accept @3 :ThirdPartyEmbargoId;
  }
}

struct Provide {
  questionId @0 :QuestionId;
  target @1 :MessageTarget;
  recipient @2 :ThirdPartyToAwait;
}

struct Accept {
  questionId @0 :QuestionId;
  provision @1 :ThirdPartyCompletion;

  embargo @2 :Disembargo.ThirdPartyEmbargoId;
  # Null: calls may be delivered at once.
}

struct ThirdPartyAnswer {
  completion @0 :ThirdPartyCompletion;

  answerId @1 :AnswerId;
  # Chosen by the callee, from 2^30 up to 2^31.
}

struct Join {
  questionId @0 :QuestionId;
  target @1 :MessageTarget;
  keyPart @2 :JoinKeyPart;
}

struct MessageTarget {
  union {
    importedCap @0 :ImportId;
    promisedAnswer @1 :PromisedAnswer;
  }
}

struct Payload {
  # A struct with capabilities: params or results.

  content @0 :AnyPointer;

  capTable @1 :List(CapDescriptor);
  # What the capability pointers in content index.
}

struct CapDescriptor {
  union {
    none @0 :Void;
    senderHosted @1 :ExportId;
    senderPromise @2 :ExportId;
    receiverHosted @3 :ImportId;
    receiverAnswer @4 :PromisedAnswer;
    thirdPartyHosted @5 :ThirdPartyCapDescriptor;
  }

  attachedFd @6 :UInt8 = 0xff;
}

struct PromisedAnswer {
  # A capability in results that may not be there yet.

  questionId @0 :QuestionId;

  transform @1 :List(Op);
  # The way to it from the root of the results.

  struct Op {
    union {
      noop @0 :Void;
      getPointerField @1 :UInt16;
    }
  }
}

struct ThirdPartyCapDescriptor {
  id @0 :ThirdPartyToContact;

  vineId @1 :ExportId;
  # An export of the sender that stands for it: keeps it alive, and can be called instead.
}

struct Exception {
  reason @0 :Text;

  type @3 :Type;
  # What the caller can do about it.

  enum Type {
    failed @0;
    # Trying again would not help.

    overloaded @1;
    # Trying later may help.

    disconnected @2;
    # A connection was lost: making it anew and trying again may help.

    unimplemented @3;
    # The method, or what it was asked to do, does not exist there.
  }

  obsoleteIsCallersFault @1 :Bool;
  obsoleteDurability @2 :UInt16;

  trace @4 :Text;
  # For people, and only when asked for.

  details @5 :List(Detail);

  struct Detail {
    detailId @0 :UInt64;
    data @1 :Data;
  }
}

using SturdyRef = AnyPointer;
using ThirdPartyCompletion = AnyPointer;
using ThirdPartyToAwait = AnyPointer;
using ThirdPartyToContact = AnyPointer;
using JoinKeyPart = AnyPointer;
using JoinResult = AnyPointer;
