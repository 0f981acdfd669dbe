/** What `Server.dispatch` found. */
export const DispatchResult = { DONE: 0, UNKNOWN_INTERFACE: 1, UNKNOWN_METHOD: 2 } as const;
