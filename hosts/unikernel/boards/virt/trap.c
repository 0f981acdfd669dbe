/* The last words of a device: what happened, where, and what it touched, in a form that a symboliser can read. */
#include <stdio.h>

#include "board.h"
#include "core/panic.h"
#include "registers.h"

static const char *const causes[] = {
	"instruction address misaligned", "instruction access fault", "illegal instruction", "breakpoint",
	"load address misaligned", "load access fault", "store address misaligned", "store access fault"
};

#define TIMER_INTERRUPT 0x80000007u

static const char *explain(const uint32_t *frame)
{
	uint32_t cause = frame[32], value = frame[33];
	if (cause == TIMER_INTERRUPT)
		return "watchdog: the program did not return to its event loop in time";
	if (cause >= 4 && cause < 8) {
		if (value < 0x1000u)
			return "null pointer";
		if (value >= RAM - 0x10000u && value < RAM)
			return "C stack overflow";
		if (cause == 7 && value >= FLASH_CODE && value < FLASH_CODE + FLASH_UNIT_BYTES)
			return "write to read-only flash";
	}
	return cause < sizeof causes / sizeof causes[0] ? causes[cause] : "unexpected trap";
}

/* `frame` is laid out by trap_entry: pc, x1 to x31, mcause, mtval. */
void board_trap(const uint32_t *frame) __attribute__((noreturn));
void board_trap(const uint32_t *frame)
{
	uint32_t cause = frame[32];
	char line[160];
	snprintf(line, sizeof line, "%s (%s), pc=0x%08lx address=0x%08lx ra=0x%08lx sp=0x%08lx mcause=0x%lx", explain(frame),
		cause < sizeof causes / sizeof causes[0] ? causes[cause] : "interrupt", (unsigned long)frame[0], (unsigned long)frame[33],
		(unsigned long)frame[1], (unsigned long)frame[2], (unsigned long)cause);
	panic("trap", line, PANIC_TRAP);
}
