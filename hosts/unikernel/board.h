/*
 * What a board gives to the shared part of the unikernel. A board is a folder under boards/ with start code, a link script and the
 * functions below; everything above them (lwIP, the store, memory, the event loop) is written once.
 *
 * Times are microseconds since start. A negative result is a HOST_ code of host.h.
 */
#ifndef VATLET_BOARD_H
#define VATLET_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/flash.h"

/* Called once, before main, with interrupts off. */
void board_start(void);
void board_exit(int status) __attribute__((noreturn));
void board_restart(void) __attribute__((noreturn));

/* Drops bytes rather than wait for a reader that is gone. */
void board_console(const char *bytes, size_t length);

uint64_t board_now_us(void);
/* Sleeps until a device has something to say or the deadline; never misses an event that came just before. */
void board_idle(uint64_t deadline_us);
/* Restarts the board unless fed again within that time; 0 disarms. Not counted while board_idle sleeps. */
void board_watchdog(uint32_t seconds);
/* Retired instructions: exact under an instruction-counting emulator. */
uint64_t board_instructions(void);

/* The serial line that the console is on; its name is what board_serial_name says. */
const char *board_serial_name(void);
void board_serial_speed(uint32_t baud);
/* Bytes that have come, without waiting. From then on their arrival ends board_idle. */
size_t board_serial_receive(uint8_t *into, size_t max);
/* Sends what the hardware takes now, and returns how much. */
size_t board_serial_send(const uint8_t *from, size_t length);
/* With true, room for sending ends board_idle too. */
void board_serial_await_room(bool wanted);

/* Whether a pin's edge waits for host_pin_events. Its arrival ends board_idle. The board implements host.h's pins and temperature. */
bool board_pin_edge(void);

/* HOST_ABSENT without a hardware source. */
int board_entropy(uint8_t *into, size_t length);

/* NUL-terminated text in readable flash, or NULL if what lies there is not such a text. */
const char *board_config(void);
const struct flash *board_store_flash(void);

/* RAM that neither the program nor its C stack uses. */
uint8_t *board_free_ram(size_t *bytes);
size_t board_ram_bytes(void);
size_t board_stack_peak(void);
uint8_t *board_stack_bottom(void);

#endif
