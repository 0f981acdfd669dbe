/*
 * The secure random source of each platform. The SDK's own `rng` is no such thing: on its simulator it repeats from run to run.
 */
#include "xsmc.h"
#include <stddef.h>
#include <stdint.h>

#if defined(ESP32)
#include "esp_random.h"

/* True randomness while the radio runs, or while the start-up code has enabled the ADC noise source (ESP-IDF, "Random Number Generation"). */
static int fill(uint8_t *into, size_t length) {
	esp_fill_random(into, length);
	return 0;
}
#else
/* Vatlet's own hosts: fills everything, or is negative. */
extern int host_entropy(uint8_t *into, size_t length) __attribute__((weak));

#if defined(__linux__)
#include <sys/random.h>

/* The SDK's simulator has no such host. */
static int fill_from_system(uint8_t *into, size_t length) {
	while (length > 0) {
		/* Up to 256 bytes never come back in part (getrandom(2)). */
		size_t part = length < 256 ? length : 256;
		if (getrandom(into, part, 0) != (ssize_t)part) return -1;
		into += part;
		length -= part;
	}
	return 0;
}
#else
static int fill_from_system(uint8_t *into, size_t length) {
	(void)into;
	(void)length;
	return -1;
}
#endif

static int fill(uint8_t *into, size_t length) {
	return host_entropy ? host_entropy(into, length) : fill_from_system(into, length);
}
#endif

void xs_entropy_destructor(void *data) {
	(void)data;
}

void xs_entropy_fill(xsMachine *the) {
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), length = xsmcToInteger(xsArg(2));
	void *bytes;
	xsUnsignedValue size;
	xsmcGetBufferWritable(xsArg(0), &bytes, &size);
	if (offset < 0 || length < 0 || (xsUnsignedValue)offset > size || (xsUnsignedValue)length > size - (xsUnsignedValue)offset)
		xsRangeError("range outside of the buffer");
	if (fill((uint8_t *)bytes + offset, (size_t)length) < 0) xsUnknownError("no secure source of randomness on this machine");
}
