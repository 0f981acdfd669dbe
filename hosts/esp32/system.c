/* The `vatlet/system` module on an ESP32: restart, time, measures, from ESP-IDF and the SDK's instrumentation. */
#include "xsmc.h"
#include "modInstrumentation.h"
#include "esp_heap_caps.h"
#include "esp_system.h"
#include "esp_timer.h"

/* An XS slot on a 32-bit machine. */
#define SLOT_BYTES 16

void xs_vatlet_restart(xsMachine *the)
{
	esp_restart();
}

/* Monotonic, in microseconds of 64 bits below: it does not wrap. Doubles are not boxed: no heap. */
void xs_vatlet_nowMs(xsMachine *the)
{
	xsmcSetNumber(xsResult, (double)esp_timer_get_time() / 1000);
}

static int32_t engineMeter(xsMachine *the, int which)
{
#if MODINSTRUMENTATION
	switch (which) {
	case 0: return modInstrumentationGet(the, SlotHeapSize) / SLOT_BYTES;
	case 1: return modInstrumentationGet(the, ChunkHeapSize);
	case 2: return modInstrumentationGet(the, GarbageCollectionCount);
	case 36: return modInstrumentationGet(the, NetworkBytesRead);
	case 37: return modInstrumentationGet(the, NetworkBytesWritten);
	}
#endif
	return 0;
}

/* The numbers are those of the constants in system.ts. */
void xs_vatlet_meter(xsMachine *the)
{
	int which = xsmcToInteger(xsArg(0));
	int32_t value;
	switch (which) {
	case 32: value = (int32_t)heap_caps_get_free_size(MALLOC_CAP_8BIT); break;
	case 33: value = (int32_t)heap_caps_get_total_size(MALLOC_CAP_8BIT); break;
	case 34: value = (int32_t)(heap_caps_get_total_size(MALLOC_CAP_8BIT) - heap_caps_get_minimum_free_size(MALLOC_CAP_8BIT)); break;
	default: value = engineMeter(the, which);
	}
	xsmcSetInteger(xsResult, value);
}
