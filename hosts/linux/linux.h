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

/* Has linux_serial_event told what happens to a serial line's descriptor. */
int linux_watch(int fd, int line);
void linux_unwatch(int fd);
void linux_serial_event(int line, uint32_t events);

void linux_store_path(const char *path);

/* One line on stderr, then the end. */
void linux_stop(const char *what, const char *which) __attribute__((noreturn));

#endif
