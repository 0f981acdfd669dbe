/* Inside of the Linux host: what its files share. */
#ifndef VATLET_LINUX_H
#define VATLET_LINUX_H

#include <stddef.h>
#include <stdint.h>

/* The loop */

/* What has a descriptor that the loop watches: the first member of whatever that is. */
struct linux_source {
	void (*happened)(struct linux_source *source, uint32_t events);   /* epoll's events */
};
/* `expire` ends what has run out of time, and returns when the next thing does; UINT64_MAX for never. */
void linux_loop_start(uint64_t (*expire)(uint64_t now_us));
/* `source` outlives the descriptor's place in the loop. HOST_OK or HOST_FAILED. */
int linux_watch(int fd, struct linux_source *source, uint32_t events);
/* Before its time: closing a descriptor does the same. */
void linux_forget(int fd);
/* Until the deadline, or something happened. */
void linux_wait(uint64_t deadline_us);
/* The next wait returns at once. */
void linux_wake(void);

/* Time */

void linux_clock_start(void);

/* Sockets */

void linux_tcp_start(void);
extern uint64_t linux_bytes_in, linux_bytes_out;

/* The store */

void linux_store_path(const char *path);

/* The end */

/* One line on stderr, then the end. */
void linux_stop(const char *what, const char *which) __attribute__((noreturn));

#endif
