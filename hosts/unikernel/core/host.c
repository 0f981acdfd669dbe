/* Life, sleep, time, entropy and measures: the parts of host.h that are neither network nor store. */
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "board.h"
#include "host.h"
#include "core/config.h"
#include "core/heap.h"
#include "core/panic.h"
#include "core/serial.h"
#include "net/net.h"

static uint32_t sleeps;
static uint64_t idle_us;

const char *host_config(void)
{
	const char *text = board_config();
	if (text == NULL)
		panic("config", "the boot configuration is longer than 4095 bytes or not terminated", PANIC_CONFIG);
	return text;
}

/* A source that is stuck would give every device of a batch the same key. */
static void prove_entropy(void)
{
	uint8_t first[32], second[32];
	int result = board_entropy(first, sizeof first);
	if (result == HOST_ABSENT)
		panic("entropy", "no hardware random source; start QEMU with -device virtio-rng-device", PANIC_ENTROPY);
	if (result != HOST_OK || board_entropy(second, sizeof second) != HOST_OK)
		panic("entropy", "the hardware random source does not answer", PANIC_ENTROPY);
	if (memcmp(first, second, sizeof first) == 0)
		panic("entropy", "the hardware random source repeats itself", PANIC_ENTROPY);
}

void host_start(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	host_config();
	board_watchdog(config_number("watchdog", 0));
	prove_entropy();
	net_start();
}

void host_exit(int status)
{
	board_watchdog(0);
	board_exit(status);
}

void host_wait(uint64_t deadline_us)
{
	for (;;) {
		uint64_t timer_us = net_poll();
		if (serial_poll() || net_take_woken() || board_pin_edge())
			break;
		uint64_t now_us = board_now_us();
		if (now_us >= deadline_us)
			break;
		uint64_t until_us = deadline_us < timer_us ? deadline_us : timer_us;
		if (until_us <= now_us)
			continue;
		board_idle(until_us);
		sleeps++;
		idle_us += board_now_us() - now_us;
	}
	board_watchdog(config_number("watchdog", 0));
}

void host_console(const char *bytes, size_t length)
{
	serial_console(bytes, length);
}

void host_give_up(int status)
{
	panic_end(status);
}

static int put(char c, FILE *file)
{
	(void)file;
	serial_console(&c, 1);
	return (unsigned char)c;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &console;
FILE *const stderr = &console;
FILE *const stdin = &console;

void _exit(int status)
{
	host_exit(status);
}

void exit(int status)
{
	host_exit(status);
}

void abort(void)
{
	panic("abort", "the C library gave up", PANIC_STACK);
}

uint64_t host_now_us(void)
{
	return board_now_us();
}

int64_t host_wall_ms(void)
{
	return HOST_ABSENT;
}

/* The date of JavaScript: there is no clock that runs on without power, so time begins at the start. */
int gettimeofday(struct timeval *into, void *zone)
{
	uint64_t now_us = board_now_us();
	(void)zone;
	into->tv_sec = (time_t)(now_us / 1000000);
	into->tv_usec = (suseconds_t)(now_us % 1000000);
	return 0;
}

int host_entropy(uint8_t *into, size_t length)
{
	return board_entropy(into, length);
}

void *host_memory(size_t *bytes)
{
	return board_free_ram(bytes);
}

/* What the C library and our own functions need below XS's last check. */
#define STACK_MARGIN 512

char *host_stack_limit(void)
{
	return (char *)board_stack_bottom() + STACK_MARGIN;
}

int host_meter(int which)
{
	switch (which) {
	case HOST_METER_RAM_FREE: return (int)heap_free();
	case HOST_METER_RAM_TOTAL: return (int)board_ram_bytes();
	case HOST_METER_HEAP_PEAK: return (int)heap_peak();
	case HOST_METER_STACK_PEAK: return (int)board_stack_peak();
	case HOST_METER_BYTES_IN: return (int)(net_bytes_in() + serial_bytes_in());
	case HOST_METER_BYTES_OUT: return (int)(net_bytes_out() + serial_bytes_out());
	case HOST_METER_SLEEPS: return (int)sleeps;
	case HOST_METER_IDLE_MS: return (int)(idle_us / 1000);
	case HOST_METER_HEAP_USED: return (int)heap_used();
	default: return HOST_INVALID;
	}
}

uint64_t host_instructions(void)
{
	return board_instructions();
}
