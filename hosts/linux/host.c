/*
 * The Linux host: life, console, configuration, entropy, measures.
 *
 *	app [--config NAME=VALUE]... [--config-file FILE] [--store FOLDER] [--reset-store] [--memory BYTES] [-- ARGUMENT...]
 */
#include "host.h"
#include "linux.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CONFIG_BYTES_MAX = 64 * 1024, STACK_BYTES = 1024 * 1024, STACK_MARGIN = 64 * 1024 };

static char gConfig[CONFIG_BYTES_MAX];
static size_t gConfigLength;
static uint64_t gIdle_us;
static uint32_t gSleeps;
static size_t gMemoryBytes;
static void *gMemory;
static char *gStackBase;

/* Configuration */

static void addConfig(const char *text, size_t length)
{
	if (gConfigLength + length + 2 > sizeof(gConfig))
		linux_stop("the configuration is larger than 64 KB", NULL);
	memcpy(gConfig + gConfigLength, text, length);
	gConfigLength += length;
	if (length && text[length - 1] != '\n')
		gConfig[gConfigLength++] = '\n';
	gConfig[gConfigLength] = 0;
}

static void addConfigFile(const char *path)
{
	char text[4096];
	size_t length;
	FILE *file = fopen(path, "rb");
	if (!file)
		linux_stop("cannot read the configuration", path);
	while ((length = fread(text, 1, sizeof(text), file)) > 0) {
		if (gConfigLength + length + 2 > sizeof(gConfig))
			linux_stop("the configuration is larger than 64 KB", path);
		memcpy(gConfig + gConfigLength, text, length);
		gConfigLength += length;
	}
	fclose(file);
	addConfig("\n", 1);
}

const char *host_config(void)
{
	return gConfig;
}

/* Life */

static const char *argumentOf(int argc, char **argv, int *index)
{
	if (*index + 1 >= argc)
		linux_stop("a value is missing after", argv[*index]);
	return argv[++*index];
}

/* What is behind `--` is the program's. */
static void addArguments(int argc, char **argv)
{
	char line[4096];
	for (int i = 0; i < argc; i++) {
		if (strchr(argv[i], '\n'))
			linux_stop("an argument contains a line end", NULL);
		int length = snprintf(line, sizeof(line), "argument.%d=%s\n", i, argv[i]);
		if ((size_t)length >= sizeof(line))
			linux_stop("an argument is longer than 4,000 bytes", NULL);
		addConfig(line, (size_t)length);
	}
}

static void readArguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--")) {
			addArguments(argc - i - 1, argv + i + 1);
			return;
		}
		if (!strcmp(argv[i], "--config")) {
			const char *text = argumentOf(argc, argv, &i);
			if (!strchr(text, '='))
				linux_stop("--config wants NAME=VALUE", text);
			addConfig(text, strlen(text));
		}
		else if (!strcmp(argv[i], "--config-file"))
			addConfigFile(argumentOf(argc, argv, &i));
		else if (!strcmp(argv[i], "--store"))
			linux_store_path(argumentOf(argc, argv, &i));
		else if (!strcmp(argv[i], "--reset-store"))
			addConfig("reset-store=1", 13);
		else if (!strcmp(argv[i], "--memory"))
			gMemoryBytes = strtoul(argumentOf(argc, argv, &i), NULL, 0) & ~(size_t)15;
		else
			linux_stop("unknown argument", argv[i]);
	}
}

void host_start(int argc, char **argv)
{
	char here;
	gStackBase = &here;
	linux_clock_start();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	readArguments(argc, argv);
	if (gMemoryBytes) {
		gMemory = aligned_alloc(16, gMemoryBytes);
		if (!gMemory)
			linux_stop("cannot have the memory asked for", NULL);
	}
	linux_tcp_start();
}

void host_give_up(int status)
{
	host_exit(status);
}

void host_exit(int status)
{
	fflush(stdout);
	_exit(status);
}

void host_wait(uint64_t deadline_us)
{
	uint64_t before = host_now_us();
	gSleeps++;
	linux_wait(deadline_us);
	gIdle_us += host_now_us() - before;
}

void host_console(const char *bytes, size_t length)
{
	fwrite(bytes, 1, length, stdout);
}

void *host_memory(size_t *bytes)
{
	*bytes = gMemoryBytes;
	return gMemory;
}

/* The engine checks on entry of a call; what C needs below that is the margin. */
char *host_stack_limit(void)
{
	struct rlimit limit;
	size_t bytes = STACK_BYTES;
	if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur > 4 * STACK_MARGIN)
		bytes = limit.rlim_cur - 2 * STACK_MARGIN;
	return gStackBase - bytes + STACK_MARGIN;
}

int host_entropy(uint8_t *into, size_t length)
{
	while (length) {
		ssize_t count = getrandom(into, length, 0);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			return HOST_FAILED;
		}
		into += count;
		length -= (size_t)count;
	}
	return HOST_OK;
}

/* Measures */

static long statusKilobytes(const char *name)
{
	char line[256];
	long value = -1;
	size_t length = strlen(name);
	FILE *file = fopen("/proc/self/status", "r");
	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && line[length] == ':')
			value = strtol(line + length + 1, NULL, 10);
	fclose(file);
	return value;
}

int host_meter(int which)
{
	switch (which) {
	case HOST_METER_RAM_FREE: return (int)(sysconf(_SC_AVPHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024) / 1024) * 1024;
	case HOST_METER_RAM_TOTAL: return (int)(statusKilobytes("VmRSS") * 1024);
	case HOST_METER_HEAP_PEAK: return (int)(statusKilobytes("VmHWM") * 1024);
	case HOST_METER_STACK_PEAK: return (int)(statusKilobytes("VmStk") * 1024);
	case HOST_METER_BYTES_IN: return (int)(linux_bytes_in & 0x7fffffff);
	case HOST_METER_BYTES_OUT: return (int)(linux_bytes_out & 0x7fffffff);
	case HOST_METER_SLEEPS: return (int)(gSleeps & 0x7fffffff);
	case HOST_METER_IDLE_MS: return (int)(gIdle_us / 1000);
	default: return HOST_INVALID;
	}
}

uint64_t host_instructions(void)
{
	return 0;
}
