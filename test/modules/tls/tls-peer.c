/*
 * The TLS engine without XS: ciphertext on standard input and output, plaintext echoed, events as JSON lines on standard error.
 * A spec stands on the other end with Node's own TLS, so every byte between the two is in its hands.
 *
 * tls-peer client|server [pin=HEX] [identity=FILE] [derive=TEXT] [input=BYTES] [output=BYTES] [listen=PATH [next=HEX]]
 *
 * With `listen` the ciphertext is that of one connection after the other on a Unix socket, from the second on with the pin `next`. SIGUSR1 puts
 * the engine's clock half an hour ahead.
 */
#include "tls-engine.h"
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Stands in for the C library's allocator in the whole process, shared libraries included: what mbedTLS takes is counted exactly. */
static size_t heap_bytes, heap_peak;
static unsigned long heap_allocations;
extern void *__libc_calloc(size_t count, size_t each);
extern void *__libc_malloc(size_t bytes);
extern void __libc_free(void *pointer);

static void *count(void *block) {
	if (!block) return block;
	heap_bytes += malloc_usable_size(block);
	heap_allocations++;
	if (heap_bytes > heap_peak) heap_peak = heap_bytes;
	return block;
}
void *calloc(size_t n, size_t each) { return count(__libc_calloc(n, each)); }
void *malloc(size_t bytes) { return count(__libc_malloc(bytes)); }
void free(void *block) {
	if (block) heap_bytes -= malloc_usable_size(block);
	__libc_free(block);
}

static long now_us(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static void hex(char *into, const uint8_t *bytes, size_t length) {
	for (size_t i = 0; i < length; i++) sprintf(into + 2 * i, "%02x", bytes[i]);
}

static const char *option(int argc, char **argv, const char *name) {
	size_t length = strlen(name);
	for (int i = 2; i < argc; i++) if (!strncmp(argv[i], name, length) && argv[i][length] == '=') return argv[i] + length + 1;
	return NULL;
}

static size_t number(int argc, char **argv, const char *name, size_t otherwise) {
	const char *text = option(argc, argv, name);
	return text ? strtoul(text, NULL, 10) : otherwise;
}

static int open_identity(struct tls_identity *identity, const char *path) {
	uint8_t record[1024];
	FILE *file = path ? fopen(path, "rb") : NULL;
	if (file) {
		size_t length = fread(record, 1, sizeof record, file);
		fclose(file);
		return tls_identity_load(identity, record, length);
	}
	int result = tls_identity_generate(identity);
	if (result == TLS_OK && path && (file = fopen(path, "wb"))) {
		fwrite(identity->record, 1, identity->record_bytes, file);
		fclose(file);
	}
	return result;
}

static volatile sig_atomic_t ahead_s;

static void half_an_hour_later(int signal) {
	static const char line[] = "{\"event\":\"later\"}\n";
	(void)signal;
	ahead_s += 1800;
	if (write(2, line, sizeof line - 1) < 0) _exit(3);
}

static size_t send_out(struct tls_engine *engine, int to) {
	uint8_t bytes[4096];
	size_t length, all = 0;
	while ((length = tls_engine_drain(engine, bytes, sizeof bytes)) > 0) {
		size_t sent = 0;
		while (sent < length) {
			ssize_t n = write(to, bytes + sent, length - sent);
			if (n <= 0) return all;
			sent += (size_t)n;
		}
		all += length;
	}
	return all;
}

/* One session. */
static int converse(struct tls_engine_config *config, int from, int to) {
	static struct tls_engine engine;
	static char text[1024];
	static uint8_t plain[3000], cipher[4096];
	size_t base = heap_bytes;
	int announced = 0, ended = 0;
	heap_peak = heap_bytes;
	config->now_s = 1000000u + (uint32_t)ahead_s;
	int result = tls_engine_open(&engine, config);
	if (result != TLS_OK) return fprintf(stderr, "{\"event\":\"refused\",\"code\":%d}\n", result), 2;
	long handshake_us = 0;
	unsigned long allocations = 0;
	size_t held = 0, bytes = 0;
	for (;;) {
		if (!announced) {
			long before = now_us();
			result = tls_engine_handshake(&engine);
			handshake_us += now_us() - before;
			if (result == TLS_OK) {
				announced = 1;
				hex(text, engine.peer, 32);
				fprintf(stderr, "{\"event\":\"open\",\"peer\":\"%s\",\"resumed\":%s,\"suite\":\"%s\",\"microseconds\":%ld,\"heap\":%zu,\"peak\":%zu}\n",
					text, engine.resumed ? "true" : "false", mbedtls_ssl_get_ciphersuite(&engine.ssl), handshake_us, heap_bytes - base, heap_peak - base);
				allocations = heap_allocations;
			}
		}
		int progress = 0;
		if (announced) {
			if (held == 0) {
				result = tls_engine_read(&engine, plain, sizeof plain);
				if (result > 0) held = (size_t)result, progress = 1, bytes += held;
			}
			if (held) {
				int taken = tls_engine_write(&engine, plain, held);
				if (taken > 0) {
					held -= (size_t)taken, progress = 1;
					memmove(plain, plain + taken, held);
				}
				if (taken < 0) result = taken;
			}
			if (!progress || tls_engine_writable(&engine) == 0) tls_engine_flush(&engine);
		}
		/* Room in the output may be all that a handshake waits for. */
		if (send_out(&engine, to) && !announced) progress = 1;
		if (result < TLS_AGAIN) {
			tls_engine_finish(&engine);
			send_out(&engine, to);
			break;
		}
		if (progress) continue;
		if (ended) {
			result = tls_engine_end(&engine);
			break;
		}
		size_t room = tls_engine_feedable(&engine);
		ssize_t n = read(from, cipher, room < sizeof cipher ? room : sizeof cipher);
		if (n <= 0) ended = 1;
		else tls_engine_feed(&engine, cipher, (size_t)n);
	}
	fprintf(stderr, "{\"event\":\"end\",\"code\":%d,\"message\":\"%s\",\"bytes\":%zu,\"allocations\":%lu}\n", result,
		engine.state == TLS_STATE_FAILED ? engine.message : "", bytes, announced ? heap_allocations - allocations : 0);
	tls_engine_close(&engine);
	return 0;
}

static const uint8_t *parse_pin(uint8_t into[TLS_DIGEST_BYTES], const char *text) {
	for (int i = 0; text && i < TLS_DIGEST_BYTES; i++) sscanf(text + 2 * i, "%2hhx", &into[i]);
	return text ? into : NULL;
}

/* Until it is killed. */
static int listen_at(const char *path, struct tls_engine_config *config, const uint8_t *next) {
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4)) return 3;
	fprintf(stderr, "{\"event\":\"listening\"}\n");
	for (;;) {
		int connection = accept(listener, NULL, NULL);
		if (connection < 0) continue;
		int result = converse(config, connection, connection);
		close(connection);
		if (result != 0) return result;
		if (next) config->pin = next;
	}
}

int main(int argc, char **argv) {
	static struct tls_identity identity;
	static char text[1024];
	static uint8_t pin[TLS_DIGEST_BYTES], next[TLS_DIGEST_BYTES];
	int server = argc > 1 && !strcmp(argv[1], "server");
	long start = now_us();
	setvbuf(stderr, NULL, _IOLBF, 4096);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = half_an_hour_later, .sa_flags = SA_RESTART }, NULL);
	int result = tls_start();
	if (result == TLS_OK) result = open_identity(&identity, option(argc, argv, "identity"));
	if (result != TLS_OK) return fprintf(stderr, "{\"event\":\"refused\",\"code\":%d}\n", result), 2;
	hex(text, identity.digest, 32);
	fprintf(stderr, "{\"event\":\"identity\",\"digest\":\"%s\",\"microseconds\":%ld,\"heap\":%zu}\n", text, now_us() - start, heap_bytes);
	if (option(argc, argv, "derive")) {
		const char *data = option(argc, argv, "derive");
		uint8_t id[32];
		tls_identity_derive(&identity, (const uint8_t *)data, strlen(data), id);
		hex(text, id, 32);
		fprintf(stderr, "{\"event\":\"derived\",\"id\":\"%s\"}\n", text);
	}
	struct tls_engine_config config = {
		.identity = &identity, .server = server,
		.input_bytes = number(argc, argv, "input", 1024), .output_bytes = number(argc, argv, "output", 4096)
	};
	config.input = malloc(config.input_bytes);
	config.output = malloc(config.output_bytes);
	config.pin = parse_pin(pin, option(argc, argv, "pin"));
	const char *path = option(argc, argv, "listen");
	result = path ? listen_at(path, &config, parse_pin(next, option(argc, argv, "next"))) : converse(&config, 0, 1);
	tls_identity_close(&identity);
	return result;
}
