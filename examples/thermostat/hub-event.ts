import type { Usage } from "./thermostat.capnp.js";

/**
 * What the hub reports while it talks to a device, one message each over its parent's channel.
 * `step` is sent only after the hub has checked what came back; `peer` is the device's key digest in base64url.
 */
export type HubEvent =
	| { type: "listening"; uri: string }
	| { type: "connected"; peer: string }
	| { type: "registered"; peer: string; label: string }
	| { type: "called" }
	| { type: "usage"; usage: Usage }
	| { type: "step"; name: HubStep }
	| { type: "console"; line: string }
	| { type: "disconnected"; peer: string; reason: string; empty: boolean };

/** The parts of the conversation that the hub itself can vouch for. */
export type HubStep = "read" | "setTarget" | "pipelined" | "exception" | "telemetry" | "released";
