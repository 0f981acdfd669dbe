#pragma once
#include <stdint.h>
enum {
	kModInstrumentationSlotHeapSize,
	kModInstrumentationChunkHeapSize,
	kModInstrumentationGarbageCollectionCount,
	kModInstrumentationNetworkBytesRead,
	kModInstrumentationNetworkBytesWritten,
};
int32_t modInstrumentationGet_(void *the, uint8_t what);
#define modInstrumentationGet(the, what) modInstrumentationGet_(the, kModInstrumentation##what)
