/*
 * Pins and temperature. Linux has none of its own here. With `pins=loopback` in the boot configuration there are 32 for trying programs out: what is written
 * to an even one is read from the odd one above it.
 */
#include "host.h"
#include "linux.h"

#include <string.h>

typedef struct {
	int open, mode, edges;
	int level;    /* of an output */
	int events;
} Pin;

static Pin gPins[HOST_PINS_MAX];

static int isInput(const Pin *pin)
{
	return pin->mode < HOST_PIN_OUTPUT;
}

int host_pin_open(int number, int mode, int edges)
{
	Pin *pin = &gPins[number];
	if (!strstr(host_config(), "pins=loopback\n"))
		return HOST_ABSENT;
	if (pin->open)
		return HOST_FULL;
	*pin = (Pin){ .open = 1, .mode = mode, .edges = edges };
	return HOST_OK;
}

int host_pin_read(int number)
{
	const Pin *driver = &gPins[number ^ 1];
	if ((number & 1) && driver->open && !isInput(driver) && (driver->level == 0 || driver->mode == HOST_PIN_OUTPUT))
		return driver->level;
	return gPins[number].mode == HOST_PIN_INPUT_PULL_UP;
}

void host_pin_write(int number, int level)
{
	Pin *pin = &gPins[number], *reader = &gPins[number ^ 1];
	int before = host_pin_read(number ^ 1);
	pin->level = level;
	int after = host_pin_read(number ^ 1);
	if (reader->open && isInput(reader) && before != after && (reader->edges & (after ? HOST_PIN_RISING : HOST_PIN_FALLING))) {
		reader->events = 1;
		linux_wake();
	}
}

int host_pin_events(int number)
{
	int events = gPins[number].events;
	gPins[number].events = 0;
	return events;
}

void host_pin_close(int number)
{
	gPins[number].open = 0;
}

int host_chip_temperature(int32_t *millicelsius)
{
	(void)millicelsius;
	return HOST_ABSENT;
}
