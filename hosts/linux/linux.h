/* Inside of the Linux host: what its files share. */
#ifndef VATLET_LINUX_H
#define VATLET_LINUX_H

#include <stddef.h>
#include <stdint.h>

/* Waits for sockets until the deadline; connection attempts that run out of time end meanwhile. */
void linux_tcp_wait(uint64_t deadline_us);
void linux_tcp_start(void);
extern uint64_t linux_bytes_in, linux_bytes_out;

void linux_store_path(const char *path);

/* One line on stderr, then the end. */
void linux_stop(const char *what, const char *which) __attribute__((noreturn));

#endif
