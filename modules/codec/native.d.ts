/** The build turns a body that is exactly `return native("xs_f").call(undefined, a)` into a function in C. */
declare function native(name: string): { call(self: unknown, ...args: unknown[]): any };
