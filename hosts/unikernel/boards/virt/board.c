/*
 * Console, time, sleep, protection and exit of QEMU's virt machine. One hart, machine mode, interrupts only as a reason to wake:
 * the interrupt enable bit is set solely while a watchdog is armed, and then only the timer can fire.
 */
#include "board.h"

#include <string.h>

#include "host.h"
#include "registers.h"
#include "virtio.h"

extern uint8_t __stack_bottom[], __stack_top[], __ram_used_end[];
uintptr_t first_fault(uintptr_t from, uintptr_t step);

#define TICKS_PER_US 10u
#define STACK_PAINT 0xa5a5a5a5u
#define PROBE_STEP 4096u
#define CONFIG_BYTES_MAX 4096u
#define UART_FIFO_BYTES 16
/* A reader on a busy machine gets its turn within this; one that is gone costs it once. */
#define CONSOLE_PATIENCE_US 2000000u

static uintptr_t ram_end;
static uint32_t watchdog_seconds;
static bool console_stalled;

/* A naturally aligned range, as pmpaddr wants it. */
#define PMP_RANGE(base, bytes) (((base) >> 2) | (((bytes) >> 3) - 1))
#define PMP_LOCKED_RANGE 0x98u
#define PMP_READ_EXECUTE 0x05u

/*
 * A write into the code flash would switch it to command mode and hang the machine without a word; an overflowing stack and a
 * null pointer would hit devices or nothing. Locked entries bind machine mode too, so each of these ends in a trap.
 */
static void protect(void)
{
	csr_write(pmpaddr0, PMP_RANGE(FLASH_CODE, FLASH_UNIT_BYTES));
	csr_write(pmpaddr1, PMP_RANGE(RAM - 0x10000u, 0x10000u));
	csr_write(pmpaddr2, PMP_RANGE(0u, 0x1000u));
	csr_write(pmpcfg0, PMP_LOCKED_RANGE | PMP_READ_EXECUTE | PMP_LOCKED_RANGE << 8 | PMP_LOCKED_RANGE << 16);
}

static void set_alarm(uint64_t ticks)
{
	REGISTER32(CLINT + 0x4004) = UINT32_MAX;   /* no early alarm between the two halves */
	REGISTER32(CLINT + 0x4000) = (uint32_t)ticks;
	REGISTER32(CLINT + 0x4004) = (uint32_t)(ticks >> 32);
}

void board_start(void)
{
	set_alarm(UINT64_MAX);
	REGISTER32(PLIC + 0x200000) = 0;
	protect();
	REGISTER8(UART + 1) = 0;
	REGISTER8(UART + 2) = 7;
	ram_end = first_fault(((uintptr_t)__ram_used_end + PROBE_STEP - 1) & ~(uintptr_t)(PROBE_STEP - 1), PROBE_STEP);
}

void board_exit(int status)
{
	REGISTER32(FINISHER) = status == 0 ? 0x5555u : ((uint32_t)status << 16) | 0x3333u;
	for (;;)
		__asm__ volatile("wfi");
}

void board_restart(void)
{
	REGISTER32(FINISHER) = 0x7777u;
	for (;;)
		__asm__ volatile("wfi");
}

static bool console_ready(void)
{
	uint64_t patience = board_now_us() + (console_stalled ? 0 : CONSOLE_PATIENCE_US);
	while (!(REGISTER8(UART + 5) & 0x20)) {
		if (board_now_us() >= patience) {
			console_stalled = true;
			return false;
		}
	}
	console_stalled = false;
	return true;
}

void board_console(const char *bytes, size_t length)
{
	while (length > 0) {
		size_t burst = length < UART_FIFO_BYTES ? length : UART_FIFO_BYTES;
		if (!console_ready())
			return;
		for (size_t i = 0; i < burst; i++)
			REGISTER8(UART) = (uint8_t)bytes[i];
		bytes += burst;
		length -= burst;
	}
}

/* 16550: one interrupt for both directions, its reason not looked at: whoever is woken looks at everything. */
enum { UART_INTERRUPT = 10, UART_IER_RECEIVED = 1, UART_IER_ROOM = 2, UART_LSR_DATA = 1, UART_LSR_ROOM = 0x20 };

const char *board_serial_name(void)
{
	return "/uart0";
}

/* The emulator's line has no speed. */
void board_serial_speed(uint32_t baud)
{
	(void)baud;
}

static void serial_interrupt(uint8_t bit, bool wanted)
{
	uint8_t bits = REGISTER8(UART + 1);
	REGISTER8(UART + 1) = wanted ? bits | bit : bits & (uint8_t)~bit;
	REGISTER32(PLIC + 4 * UART_INTERRUPT) = 1;
	REGISTER32(PLIC + 0x2000) |= 1u << UART_INTERRUPT;
}

size_t board_serial_receive(uint8_t *into, size_t max)
{
	size_t count = 0;
	while (count < max && (REGISTER8(UART + 5) & UART_LSR_DATA))
		into[count++] = REGISTER8(UART);
	serial_interrupt(UART_IER_RECEIVED, count < max);
	return count;
}

size_t board_serial_send(const uint8_t *from, size_t length)
{
	size_t count = 0;
	while (count < length && (REGISTER8(UART + 5) & UART_LSR_ROOM))
		for (int burst = 0; burst < UART_FIFO_BYTES && count < length; burst++)
			REGISTER8(UART) = from[count++];
	return count;
}

void board_serial_await_room(bool wanted)
{
	serial_interrupt(UART_IER_ROOM, wanted);
}

static uint64_t ticks(void)
{
	uint32_t high, low;
	do {
		high = REGISTER32(CLINT + 0xbffc);
		low = REGISTER32(CLINT + 0xbff8);
	} while (high != REGISTER32(CLINT + 0xbffc));
	return (uint64_t)high << 32 | low;
}

uint64_t board_now_us(void)
{
	return ticks() / TICKS_PER_US;
}

uint64_t board_instructions(void)
{
	uint32_t high, low;
	do {
		high = csr_read(minstreth);
		low = csr_read(minstret);
	} while (high != csr_read(minstreth));
	return (uint64_t)high << 32 | low;
}

void board_watchdog(uint32_t seconds)
{
	csr_clear(mstatus, MSTATUS_MIE);
	watchdog_seconds = seconds;
	if (seconds == 0)
		return;
	set_alarm(ticks() + (uint64_t)seconds * 1000000u * TICKS_PER_US);
	csr_write(mie, MIE_TIMER);
	csr_set(mstatus, MSTATUS_MIE);
}

/* With the enable bit off, wfi returns on a pending interrupt even if it came before the wfi: no lost wake-up. */
void board_idle(uint64_t deadline_us)
{
	csr_clear(mstatus, MSTATUS_MIE);
	set_alarm(deadline_us > UINT64_MAX / TICKS_PER_US ? UINT64_MAX : deadline_us * TICKS_PER_US);
	csr_write(mie, MIE_TIMER | MIE_EXTERNAL);
	__asm__ volatile("wfi" ::: "memory");
	uint32_t claim;
	while ((claim = REGISTER32(PLIC + 0x200004)) != 0) {
		/* Asserted until its bytes are read: it stays off until somebody has looked. */
		if (claim == UART_INTERRUPT)
			REGISTER8(UART + 1) = 0;
		else
			virtio_acknowledge(claim);
		REGISTER32(PLIC + 0x200004) = claim;
	}
	board_watchdog(watchdog_seconds);
}

const char *board_config(void)
{
	const char *text = (const char *)FLASH_STORE;
	if (text[0] == (char)0xff)
		return "";
	return memchr(text, 0, CONFIG_BYTES_MAX) == NULL ? NULL : text;
}

uint8_t *board_free_ram(size_t *bytes)
{
	*bytes = ram_end - (uintptr_t)__ram_used_end;
	return __ram_used_end;
}

size_t board_ram_bytes(void)
{
	return ram_end - RAM;
}

size_t board_stack_peak(void)
{
	const uint32_t *word = (const uint32_t *)__stack_bottom;
	while (word < (const uint32_t *)__stack_top && *word == STACK_PAINT)
		word++;
	return (size_t)(__stack_top - (const uint8_t *)word);
}

uint8_t *board_stack_bottom(void)
{
	return __stack_bottom;
}
