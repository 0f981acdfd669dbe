import type { Hook } from "../cap/hook.js";
import type { PromiseHook } from "../cap/promise.js";

/**
 * A promise that is known to be something on this side, while calls made before are still on their way through the peer.
 *
 * Life: free → waiting (Disembargo sent behind those calls; new calls queue in `hook`) → lifted when it comes back: `hook`
 * resolves to `target` → free.
 */
export class Embargo {
	id = 0;
	/** Holds a reference. */
	hook: PromiseHook | null = null;
	/** Holds a reference, which goes to `hook`. */
	target: Hook | null = null;
}
