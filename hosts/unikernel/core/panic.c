#include "core/panic.h"

#include <stdbool.h>
#include <string.h>

#include "board.h"
#include "host.h"
#include "core/config.h"
#include "core/serial.h"

#define RESTART_STATUS_FIRST PANIC_STACK

/* Prints what only the layer above knows, the JavaScript stack. May itself trap: nothing after it is promised. */
__attribute__((weak)) void host_panic_report(void)
{
}

static void print(const char *text)
{
	serial_console(text, strlen(text));
}

void panic(const char *kind, const char *reason, int status)
{
	static bool again;
	board_watchdog(0);
	print(kind);
	print(": ");
	print(reason);
	print("\n");
	if (!again) {
		again = true;
		host_panic_report();
	}
	/* A device that cannot start would only restart for ever. */
	if (status < RESTART_STATUS_FIRST)
		board_exit(status);
	panic_end(status);
}

void panic_end(int status)
{
	board_watchdog(0);
	if (config_number("watchdog", 0) > 0) {
		print("watchdog: restarting\n");
		board_restart();
	}
	board_exit(status);
}
