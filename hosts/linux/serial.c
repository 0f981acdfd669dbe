/*
 * Serial lines: ttys and pseudo-terminals, raw, without blocking, in the same epoll as the sockets. Each has a fixed input and output buffer.
 */
#include "host.h"
#include "linux.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Output that waits here cannot be taken back when something more urgent comes: enough for some frames. */
enum { INPUT_BYTES = 16 * 1024, OUTPUT_BYTES = 4 * 1024 };

typedef struct {
	struct linux_source source;
	int open;
	int fd;
	int events;   /* not yet read by the glue */
	int starved;  /* somebody waits for room */
	int lost;
	size_t inputStart, inputEnd, outputStart, outputEnd;
	uint8_t input[INPUT_BYTES];
	uint8_t output[OUTPUT_BYTES];
} Line;

static Line gLines[HOST_SERIAL_MAX];

static Line *lineOf(int handle)
{
	return handle >= 0 && handle < HOST_SERIAL_MAX && gLines[handle].open ? &gLines[handle] : NULL;
}

static void signalEvent(Line *line, int event)
{
	line->events |= event;
	linux_wake();
}

static void lose(Line *line)
{
	if (line->lost)
		return;
	line->lost = 1;
	/* A line that hangs up would be ready for ever. */
	linux_forget(line->fd);
	signalEvent(line, HOST_ENDED);
}

static void pull(Line *line)
{
	if (line->inputStart == line->inputEnd)
		line->inputStart = line->inputEnd = 0;
	while (!line->lost && line->inputEnd < INPUT_BYTES) {
		ssize_t count = read(line->fd, line->input + line->inputEnd, INPUT_BYTES - line->inputEnd);
		if (count > 0) {
			line->inputEnd += (size_t)count;
			linux_bytes_in += (uint64_t)count;
			signalEvent(line, HOST_READABLE);
		}
		else if (count < 0 && errno == EINTR)
			continue;
		else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		/* A raw terminal with VMIN 1 has no end but this. */
		else
			lose(line);
	}
}

static void push(Line *line)
{
	while (!line->lost && line->outputStart < line->outputEnd) {
		ssize_t count = write(line->fd, line->output + line->outputStart, line->outputEnd - line->outputStart);
		if (count >= 0) {
			line->outputStart += (size_t)count;
			linux_bytes_out += (uint64_t)count;
		}
		else if (errno == EINTR)
			continue;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else
			lose(line);
	}
	if (line->outputStart == line->outputEnd)
		line->outputStart = line->outputEnd = 0;
	else if (line->outputStart > 0) {
		memmove(line->output, line->output + line->outputStart, line->outputEnd - line->outputStart);
		line->outputEnd -= line->outputStart;
		line->outputStart = 0;
	}
	if (line->starved && line->outputEnd < OUTPUT_BYTES) {
		line->starved = 0;
		signalEvent(line, HOST_WRITABLE);
	}
}

static void handleEvent(struct linux_source *source, uint32_t events)
{
	Line *line = (Line *)source;
	if (!line->open)
		return;
	if (events & EPOLLOUT)
		push(line);
	pull(line);
	if (events & (EPOLLERR | EPOLLHUP))
		lose(line);
}

/* Every byte as it is, no signals, no flow control, modem lines ignored. */
static int makeRaw(int fd, uint32_t baud)
{
	struct termios2 mode;
	if (ioctl(fd, TCGETS2, &mode) < 0)
		return HOST_INVALID;
	mode.c_iflag = IGNBRK;
	mode.c_oflag = 0;
	mode.c_lflag = 0;
	mode.c_cflag = (mode.c_cflag & ~(uint32_t)(CSIZE | PARENB | CSTOPB | CRTSCTS)) | CS8 | CREAD | CLOCAL;
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	if (baud) {
		mode.c_cflag = (mode.c_cflag & ~(uint32_t)(CBAUD | CBAUD << IBSHIFT)) | BOTHER | BOTHER << IBSHIFT;
		mode.c_ispeed = mode.c_ospeed = baud;
	}
	return ioctl(fd, TCSETS2, &mode) < 0 ? HOST_FAILED : HOST_OK;
}

static int complain(const char *name, int error)
{
	fprintf(stderr, "vatlet: cannot open %s: %s%s\n", name, strerror(error),
		error == EACCES ? "; its group is usually dialout: sudo usermod -aG dialout $USER, then log in again" : "");
	return HOST_FAILED;
}

int host_serial_open(const char *name, uint32_t baud)
{
	int handle = 0, fd, result;
	while (handle < HOST_SERIAL_MAX && gLines[handle].open)
		handle++;
	if (handle == HOST_SERIAL_MAX)
		return HOST_FULL;
	fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV || errno == ENXIO ? HOST_ABSENT : errno == EBUSY ? HOST_FULL : complain(name, errno);
	/* The lock that other programs for serial ports take too. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		result = HOST_FULL;
	else
		result = makeRaw(fd, baud);
	/* What came before belongs to nobody. */
	if (result == HOST_OK)
		ioctl(fd, TCFLSH, TCIFLUSH);
	Line *line = &gLines[handle];
	line->source.happened = handleEvent;
	if (result == HOST_OK)
		result = linux_watch(fd, &line->source, EPOLLIN | EPOLLOUT | EPOLLET);
	if (result < 0) {
		close(fd);
		return result;
	}
	line->open = 1;
	line->fd = fd;
	line->events = line->starved = line->lost = 0;
	line->inputStart = line->inputEnd = line->outputStart = line->outputEnd = 0;
	return handle;
}

int host_serial_events(int handle)
{
	Line *line = lineOf(handle);
	if (!line)
		return HOST_INVALID;
	int events = line->events;
	line->events = 0;
	return events;
}

int host_serial_readable(int handle)
{
	Line *line = lineOf(handle);
	return line ? (int)(line->inputEnd - line->inputStart) : HOST_INVALID;
}

int host_serial_writable(int handle)
{
	Line *line = lineOf(handle);
	if (!line)
		return HOST_INVALID;
	if (line->outputEnd > 0)
		line->starved = 1;
	return line->lost ? 0 : (int)(OUTPUT_BYTES - line->outputEnd);
}

int host_serial_read(int handle, uint8_t *into, size_t max)
{
	Line *line = lineOf(handle);
	if (!line)
		return HOST_INVALID;
	size_t count = line->inputEnd - line->inputStart;
	int full = line->inputEnd == INPUT_BYTES;
	if (count > max)
		count = max;
	memcpy(into, line->input + line->inputStart, count);
	line->inputStart += count;
	/* The kernel may hold more than fitted, and says so no second time. */
	if (full && line->inputStart == line->inputEnd)
		pull(line);
	return (int)count;
}

int host_serial_write(int handle, const uint8_t *from, size_t length)
{
	Line *line = lineOf(handle);
	if (!line)
		return HOST_INVALID;
	if (line->lost)
		return 0;
	size_t room = OUTPUT_BYTES - line->outputEnd;
	if (length > room) {
		length = room;
		line->starved = 1;
	}
	memcpy(line->output + line->outputEnd, from, length);
	line->outputEnd += length;
	push(line);
	return (int)length;
}

/* What the kernel has not taken by now is dropped: the link above repeats or ends by itself. */
void host_serial_close(int handle)
{
	Line *line = lineOf(handle);
	if (!line)
		return;
	push(line);
	close(line->fd);
	line->open = 0;
}
