/*
 * Exercises the host below XS. `run=` in the boot configuration names what to do; the last line printed says how it went.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "probe.h"

static bool is(const char *what)
{
	const char *found = strstr(host_config(), "run=");
	size_t length = strlen(what);
	return found != NULL && strncmp(found + 4, what, length) == 0 && (found[4 + length] == '\n' || found[4 + length] == 0);
}

int number(const char *name)
{
	const char *found = strstr(host_config(), name);
	return found == NULL ? 0 : atoi(found + strlen(name) + 1);
}

static void print_random(void)
{
	uint8_t bytes[16];
	printf("random ");
	if (host_entropy(bytes, sizeof bytes) != HOST_OK)
		printf("failed");
	else
		for (size_t i = 0; i < sizeof bytes; i++)
			printf("%02x", bytes[i]);
	printf("\n");
}

/* Copies what comes back to where it came from until the other side ends. */
static void echo(int stream)
{
	static uint8_t buffer[1024];
	long total = 0;
	for (;;) {
		int events = host_tcp_events(stream);
		int readable = host_tcp_readable(stream);
		while (readable > 0 && host_tcp_writable(stream) > 0) {
			int room = host_tcp_writable(stream);
			int count = host_tcp_read(stream, buffer, room < (int)sizeof buffer ? (size_t)room : sizeof buffer);
			if (host_tcp_write(stream, buffer, (size_t)count) != count)
				printf("short write\n");
			total += count;
			readable = host_tcp_readable(stream);
		}
		if (events & HOST_ENDED) {
			printf("ended %d after %ld bytes\n", host_tcp_error(stream), total);
			host_tcp_close(stream);
			return;
		}
		host_wait(UINT64_MAX);
	}
}

static void listen(void)
{
	char peer[16];
	int listener = host_tcp_listen((const uint8_t[]){ 0, 0, 0, 0 }, 7000, 4);
	printf("listening %d\n", host_tcp_local_port(listener));
	for (int served = 0; served < number("serve"); served++) {
		int stream;
		while ((stream = host_tcp_accept(listener, HOST_TCP_NODELAY)) == HOST_AGAIN)
			host_wait(UINT64_MAX);
		int port = host_tcp_remote(stream, peer);
		printf("accepted from %s %s\n", peer, port > 0 ? "with a port" : "");
		echo(stream);
	}
	host_wait(host_now_us() + 50000);   /* the last good-bye leaves */
}

static void dial(void)
{
	int stream = host_tcp_connect((const uint8_t[]){ 10, 0, 2, 2 }, (uint16_t)number("port"), HOST_TCP_NODELAY | HOST_TCP_KEEPALIVE);
	int events = 0;
	while (stream >= 0 && (events = host_tcp_events(stream)) == 0)
		host_wait(host_now_us() + 5000000);
	if (stream < 0 || (events & HOST_ENDED)) {
		printf("dial failed %d\n", stream < 0 ? stream : host_tcp_error(stream));
		return;
	}
	printf("connected\n");
	echo(stream);
	host_wait(host_now_us() + 50000);
}

static void store(void)
{
	uint8_t value[64];
	int result = host_store_open(number("reset"));
	printf("store open %d\n", result);
	if (result != HOST_OK)
		return;
	int length = host_store_get("probe", "boots", value, sizeof value);
	int boots = length == 4 ? value[0] + 1 : 1;
	value[0] = (uint8_t)boots;
	value[1] = value[2] = value[3] = 0;
	printf("store put %d boots %d\n", host_store_put("probe", "boots", value, 4), boots);
}

#define WRITE_KEYS 8
#define WRITE_REMOVES_EACH 5

/* A record that shows whether it is whole: its number, then bytes that follow from it; one in 16 is large. Returns its length. */
static size_t make_record(uint32_t number, uint8_t into[2048])
{
	uint32_t noise = number * 2654435761u;
	size_t length = 8 + (noise >> 20) % (noise % 16 == 0 ? 2000 : 100);
	memcpy(into, &number, sizeof number);
	for (size_t i = 4; i < length; i++) {
		noise = noise * 1664525u + 1013904223u;
		into[i] = (uint8_t)(noise >> 24);
	}
	return length;
}

static void show_records(void)
{
	static uint8_t found[2048], expected[2048];
	char key[8];
	for (int i = 0; i < WRITE_KEYS; i++) {
		uint32_t number;
		snprintf(key, sizeof key, "key%d", i);
		int length = host_store_get("write", key, found, sizeof found);
		if (length < 0)
			continue;
		memcpy(&number, found, sizeof number);
		int whole = length >= 8 && (size_t)length == make_record(number, expected) && memcmp(found, expected, (size_t)length) == 0;
		printf("found %d %s %lu\n", i, whole ? "whole" : "damaged", (unsigned long)number);
	}
}

/* Puts and removes records, numbered from the configured one on, until somebody ends the machine. A line for each that is durable. */
static void write(void)
{
	static uint8_t record[2048];
	char key[8];
	uint32_t next = (uint32_t)number("from");
	int result = host_store_open(0);
	printf("store open %d\n", result);
	if (result == HOST_OK)
		show_records();
	printf("writing\n");
	while (result == HOST_OK) {
		snprintf(key, sizeof key, "key%lu", (unsigned long)(next % WRITE_KEYS));
		if (next % WRITE_REMOVES_EACH == 0) {
			result = host_store_delete("write", key);
			if (result == HOST_ABSENT)
				result = HOST_OK;
		} else
			result = host_store_put("write", key, record, make_record(next, record));
		if (result == HOST_OK)
			printf("durable %lu\n", (unsigned long)next++);
	}
	printf("store put %d\n", result);
}

static int overflow(int depth)
{
	volatile char big[256];
	big[0] = (char)depth;
	return depth == 0 ? 0 : overflow(depth + 1) + big[0];
}

static void poke(uintptr_t address)
{
	__asm__ volatile("sw zero, 0(%0)" :: "r"(address) : "memory");
}

static void idle(void)
{
	uint64_t start = host_now_us();
	host_wait(start + 300000);
	printf("slept %s, idle %d ms in %d sleeps\n", host_now_us() - start >= 300000 ? "long enough" : "too short",
		host_meter(HOST_METER_IDLE_MS), host_meter(HOST_METER_SLEEPS));
}

int main(int argc, char **argv)
{
	size_t bytes;
	host_start(argc, argv);
	host_memory(&bytes);
	printf("boot ram %d free %u\n", host_meter(HOST_METER_RAM_TOTAL), (unsigned)bytes);
	if (is("random"))
		print_random();
	else if (is("listen"))
		listen();
	else if (is("pages"))
		serve_pages(number("serve"), number("bytes"));
	else if (is("memory")) {
		check_heap();
		check_copies();
	} else if (is("dial"))
		dial();
	else if (is("store"))
		store();
	else if (is("write"))
		write();
	else if (is("idle"))
		idle();
	else if (is("null"))
		poke(4);
	else if (is("flash"))
		poke(0x20000100);
	else if (is("overflow"))
		overflow(1);
	else if (is("spin"))
		for (;;)
			__asm__ volatile("");
	printf("done stack %d\n", host_meter(HOST_METER_STACK_PEAK));
	host_exit(0);
}
