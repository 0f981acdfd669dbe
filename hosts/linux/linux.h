/* Inside of the Linux host: what its files share. */
#ifndef VATLET_LINUX_H
#define VATLET_LINUX_H

#include <stddef.h>
#include <stdint.h>

/* Waits for sockets and serial lines until the deadline; connection attempts that run out of time end meanwhile. */
void linux_tcp_wait(uint64_t deadline_us);
void linux_tcp_start(void);
/* The next wait returns at once. */
void linux_wake(void);
extern uint64_t linux_bytes_in, linux_bytes_out;

extern int linux_epoll;
/* In epoll's data, sockets are named by small numbers, and serial lines by their handle from here on. */
enum { LINUX_SERIAL = 0x10000 };
void linux_serial_event(int line, uint32_t events);

void linux_store_path(const char *path);

/* One line on stderr, then the end. */
void linux_stop(const char *what, const char *which) __attribute__((noreturn));

#endif
