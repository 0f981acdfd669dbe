/* One epoll for sockets and serial lines. */
#include "host.h"
#include "linux.h"

#include <stdbool.h>
#include <sys/epoll.h>

enum { EVENTS_MAX = 32 };

static int gEpoll = -1;
static bool gWoken;
static uint64_t (*gExpire)(uint64_t now_us);

void linux_loop_start(uint64_t (*expire)(uint64_t now_us))
{
	gExpire = expire;
	gEpoll = epoll_create1(EPOLL_CLOEXEC);
	if (gEpoll < 0)
		linux_stop("cannot have an epoll instance", NULL);
}

int linux_watch(int fd, struct linux_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };
	return epoll_ctl(gEpoll, EPOLL_CTL_ADD, fd, &event) < 0 ? HOST_FAILED : HOST_OK;
}

void linux_forget(int fd)
{
	epoll_ctl(gEpoll, EPOLL_CTL_DEL, fd, NULL);
}

void linux_wake(void)
{
	gWoken = true;
}

/* Milliseconds as epoll takes them, rounded up: -1 for never. */
static int timeoutOf(uint64_t now_us, uint64_t deadline_us)
{
	if (gWoken || deadline_us <= now_us)
		return 0;
	if (deadline_us == UINT64_MAX)
		return -1;
	uint64_t left_us = deadline_us - now_us;
	return left_us > 0x7fffffffULL * 1000 ? 0x7fffffff : (int)((left_us + 999) / 1000);
}

void linux_wait(uint64_t deadline_us)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t now = host_now_us(), next = gExpire(now);
	int timeout = timeoutOf(now, next < deadline_us ? next : deadline_us);
	gWoken = false;
	int count = epoll_wait(gEpoll, events, EVENTS_MAX, timeout);
	for (int i = 0; i < count; i++) {
		struct linux_source *source = events[i].data.ptr;
		source->happened(source, events[i].events);
	}
	gExpire(host_now_us());
}
