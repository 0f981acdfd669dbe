/*
 * What a host gives to the XS glue: the one contract between hosts/xs (shared, written once) and the machine below it
 * (hosts/linux: epoll and files; hosts/unikernel: virtio or UART, lwIP and flash).
 *
 * Rules of the contract
 * - No call blocks except host_wait. No call allocates after host_start, but what is opened may take its buffers.
 * - Handles are small integers from 0; every table is fixed and sized by the host's configuration.
 * - A negative result is one of the codes below; counts and handles are never negative.
 * - Nothing here calls back: the glue asks for events after host_wait returns.
 */
#ifndef VATLET_HOST_H
#define VATLET_HOST_H

#include <stddef.h>
#include <stdint.h>

enum {
	HOST_OK = 0,
	HOST_AGAIN = -1,       /* nothing now; ask again after host_wait */
	HOST_CLOSED = -2,      /* the other side ended the stream in order */
	HOST_REFUSED = -3,     /* nobody listens there */
	HOST_RESET = -4,       /* the connection was torn down, by peer or network */
	HOST_TIMEOUT = -5,     /* the connection attempt ran out of time */
	HOST_FULL = -6,        /* a fixed table or the store has no room */
	HOST_INVALID = -7,     /* an argument is out of range */
	HOST_ABSENT = -8,      /* no such record, device or name */
	HOST_CORRUPT = -9,     /* stored bytes fail their checks */
	HOST_FAILED = -10      /* the device or the system refused; the console says why */
};

/* Life */
void host_start(int argc, char **argv);
void host_exit(int status) __attribute__((noreturn));
/* The end of a program that ran and cannot go on: a machine with a watchdog starts again, others exit. */
void host_give_up(int status) __attribute__((noreturn));
/* Sleeps until an event or the deadline (host_now_us time; UINT64_MAX: no deadline). */
void host_wait(uint64_t deadline_us);
void host_console(const char *bytes, size_t length);

/* The RAM for the XS pool, at least 16-byte aligned; the same answer at every call. Null: XS grows by malloc. */
void *host_memory(size_t *bytes);
/* The lowest address that the C stack may reach, with a margin for the C below the last check. */
char *host_stack_limit(void);

/* Time */
uint64_t host_now_us(void);          /* monotonic, from start */
int64_t host_wall_ms(void);          /* Unix time, or HOST_ABSENT */

/* Entropy: fills everything or fails; never pseudo-random without a hardware seed. */
int host_entropy(uint8_t *into, size_t length);

/* Boot configuration: UTF-8 text of lines `name=value`, empty if there is none. Valid for the whole run. */
const char *host_config(void);

/* TCP streams. A handle is less than HOST_TCP_MAX. Event bits are cleared by reading them. */
#ifndef HOST_TCP_MAX
	#define HOST_TCP_MAX 64
#endif
enum { HOST_READABLE = 1, HOST_WRITABLE = 2, HOST_ENDED = 4, HOST_ACCEPTED = 8 };
enum { HOST_TCP_NODELAY = 1, HOST_TCP_KEEPALIVE = 2 };
int host_tcp_connect(const uint8_t address[4], uint16_t port, int flags);
int host_tcp_listen(const uint8_t address[4], uint16_t port, int backlog);
int host_tcp_accept(int listener, int flags);               /* a stream, or HOST_AGAIN */
int host_tcp_events(int handle);
int host_tcp_error(int handle);                             /* after HOST_ENDED: HOST_CLOSED, HOST_RESET, HOST_REFUSED, HOST_TIMEOUT */
int host_tcp_readable(int handle);                          /* bytes that can be read now */
int host_tcp_writable(int handle);                          /* bytes that can be written now, all of them accepted */
int host_tcp_read(int handle, uint8_t *into, size_t max);   /* count, 0 if none */
int host_tcp_write(int handle, const uint8_t *from, size_t length);
void host_tcp_close(int handle);                            /* flushes what was written; the handle is free at once */
void host_tcp_abort(int handle);
int host_tcp_local_port(int handle);
/* The peer's address as `a.b.c.d`; returns its port. */
int host_tcp_remote(int handle, char into[16]);

/*
 * Datagrams (UDP). A handle is less than HOST_UDP_MAX. What has come waits in memory of its own, the one exception from the rule about
 * allocation, up to HOST_UDP_WAITING_MAX and HOST_UDP_WAITING_BYTES_MAX of a socket: strangers can send what nobody reads, and must not
 * take more from the rest. What comes then is lost, as a network may lose it anyway.
 */
enum { HOST_UDP_MAX = 4, HOST_UDP_BYTES_MAX = 1472, HOST_UDP_WAITING_MAX = 8, HOST_UDP_WAITING_BYTES_MAX = 2 * HOST_UDP_BYTES_MAX };
int host_udp_open(uint16_t port);                           /* 0: any that is free; HOST_INVALID: it is taken */
int host_udp_events(int handle);                            /* HOST_READABLE: more have come; cleared by reading it */
int host_udp_waiting(int handle);                           /* how many can be read */
int host_udp_size(int handle);                              /* bytes of the next, or HOST_AGAIN */
/* Copies the next, and drops it whole; the number of bytes copied, or HOST_AGAIN. */
int host_udp_read(int handle, uint8_t *into, size_t max, uint8_t address[4], uint16_t *port);
/* HOST_INVALID: longer than HOST_UDP_BYTES_MAX, or no place to send to; HOST_FULL: no memory now. */
int host_udp_write(int handle, const uint8_t address[4], uint16_t port, const uint8_t *from, size_t length);
int host_udp_local_port(int handle);
void host_udp_close(int handle);
/* The network's own DNS server; HOST_ABSENT where none is known. */
int host_name_server(uint8_t address[4]);

/*
 * Serial lines, bytes without any framing. A handle is less than HOST_SERIAL_MAX. Where the console is on the same line, its text goes out
 * between what two calls of host_serial_write gave, never within.
 */
#ifndef HOST_SERIAL_MAX
	#define HOST_SERIAL_MAX 2
#endif
/* baud 0: as it is. HOST_ABSENT: no such line; HOST_FULL: in use; HOST_INVALID: no serial line. */
int host_serial_open(const char *name, uint32_t baud);
/* HOST_READABLE, HOST_WRITABLE, HOST_ENDED (the line is gone: unplugged, or hung up); cleared by reading them. */
int host_serial_events(int handle);
int host_serial_readable(int handle);
int host_serial_writable(int handle);
int host_serial_read(int handle, uint8_t *into, size_t max);
int host_serial_write(int handle, const uint8_t *from, size_t length);   /* as much as there is room for */
void host_serial_close(int handle);

/* Pins, by the number that the machine gives them, less than HOST_PINS_MAX. Modes and edges are those of embedded:io/digital. */
enum { HOST_PINS_MAX = 32 };
enum {
	HOST_PIN_INPUT, HOST_PIN_INPUT_PULL_UP, HOST_PIN_INPUT_PULL_DOWN, HOST_PIN_INPUT_PULL_UP_DOWN, HOST_PIN_OUTPUT = 8, HOST_PIN_OUTPUT_OPEN_DRAIN
};
enum { HOST_PIN_RISING = 1, HOST_PIN_FALLING = 2 };
int host_pin_open(int number, int mode, int edges);         /* HOST_ABSENT: no such pin for programs; HOST_FULL: in use */
int host_pin_read(int number);                              /* 0 or 1 */
void host_pin_write(int number, int level);
int host_pin_events(int number);                            /* whether an edge was seen; cleared by reading it */
void host_pin_close(int number);

/* What the chip's own thermometer says; HOST_ABSENT where there is none. */
int host_chip_temperature(int32_t *millicelsius);

/* Store: small records under (domain, key), put and delete atomic across power loss. */
int host_store_open(int reset);                             /* HOST_OK, HOST_CORRUPT, HOST_ABSENT */
int host_store_get(const char *domain, const char *key, uint8_t *into, size_t max);   /* whole length, or HOST_ABSENT */
int host_store_put(const char *domain, const char *key, const uint8_t *from, size_t length);
int host_store_delete(const char *domain, const char *key);
/* Copies the name of the index-th key of a domain; returns its length, or HOST_ABSENT. */
int host_store_key(const char *domain, int index, char *into, size_t max);

/* Measures */
enum {
	HOST_METER_RAM_FREE, HOST_METER_RAM_TOTAL, HOST_METER_HEAP_PEAK, HOST_METER_STACK_PEAK,
	HOST_METER_BYTES_IN, HOST_METER_BYTES_OUT, HOST_METER_SLEEPS, HOST_METER_IDLE_MS, HOST_METER_HEAP_USED
};
int host_meter(int which);
/* Instructions retired since start: exact and repeatable on an instruction-counting emulator, 0 where unknown. */
uint64_t host_instructions(void);

#endif
