/**
 * Moddable's form for host functions. The build turns `class X extends Native("xs_x_destructor")` and bodies that are
 * exactly `return native("xs_x_read").call(this, a, b)` into functions in C; neither name exists at run time.
 */
declare function Native(destructor: string): new () => object;
declare function native(name: string): { call(self: unknown, ...args: unknown[]): any };
