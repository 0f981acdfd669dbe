/*
 * The end of a run that cannot go on: one line `KIND: what happened`, the language's own report if there is one, then exit, or a
 * restart when the boot configuration has a watchdog.
 */
#ifndef VATLET_PANIC_H
#define VATLET_PANIC_H

/* Exit statuses, told apart by whoever started the machine. */
enum { PANIC_DEVICE = 90, PANIC_ENTROPY = 91, PANIC_CONFIG = 92, PANIC_STACK = 93, PANIC_TRAP = 99 };

/* The end without a word of its own: a restart when there is a watchdog. */
void panic_end(int status) __attribute__((noreturn));
void panic(const char *kind, const char *reason, int status) __attribute__((noreturn));

#endif
