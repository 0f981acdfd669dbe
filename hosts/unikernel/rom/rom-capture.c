/* The first program: makes the heap, to run from it in RAM or to print it for the second. */
#include "xsAll.h"
#include "glue.h"
#include "rom-heap.h"

#include <string.h>

extern void glueCaptureFrom(uint8_t *arena);
extern uint8_t *glueCaptureEnd(void);
extern void *glueCapture(size_t size);

/* For the run that finds out how much is needed. */
#define CAPTURE_SLOTS 24576
/* Large enough that chunks are compacted but once, at the end: a chunk made where another one was would hold remains of it. */
#define CAPTURE_CHUNK_BYTES (1024 * 1024)
#define CAPTURE_STACK 8192
/* By how much a heap that was sized to its need may grow on the way there. */
#define CAPTURE_SLOTS_MORE 32
#define WORDS_PER_LINE 16

static uint32_t configured(const char *name, uint32_t otherwise)
{
	const char *found = strstr(host_config(), name);
	return found ? (uint32_t)c_strtoul(found + c_strlen(name), C_NULL, 0) : otherwise;
}

static void preload(txMachine *the)
{
	for (int i = 0; i < gxLinkedModuleCount; i++) {
		if (!gxLinkedModules[i].preload)
			continue;
		mxPushStringX((txString)gxLinkedModules[i].name);
		fxRunImport(the, mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm, XS_NO_ID);
		mxPop();
		glueJobs(the);
	}
}

/* The global object is made anew for each machine; what refers to the captured one must go. */
static void detachGlobal(txMachine *the)
{
	static const int names[] = { mxID(_global), mxID(_globalThis) };
	for (int i = 0; i < 2; i++) {
		mxPush(mxGlobal);
		mxDeleteID(names[i]);
		mxPop();
	}
	txSlot *global = mxGlobal.value.reference;
	if (global->next && global->next->kind == XS_GLOBAL_KIND) {
		global->next = global->next->next;
		global->flag &= ~XS_EXOTIC_FLAG;
	}
}

static void freezeItems(txSlot *items, txInteger count)
{
	for (txInteger i = 0; i < count; i++)
		items[i].flag |= XS_DONT_DELETE_FLAG | XS_DONT_SET_FLAG;
}

/* Each instance that could change needs a word of RAM, so what nobody changes on a device is frozen: the built-in objects. */
static void freezeInstances(txMachine *the)
{
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind != XS_INSTANCE_KIND)
				continue;
			slot->flag |= XS_DONT_PATCH_FLAG;
			for (txSlot *property = slot->next; property; property = property->next) {
				property->flag |= XS_DONT_DELETE_FLAG;
				if (property->kind != XS_ACCESSOR_KIND)
					property->flag |= XS_DONT_SET_FLAG;
				if (property->kind == XS_ARRAY_KIND)
					freezeItems(property->value.array.address, (txInteger)fxGetIndexSize(the, property));
			}
		}
	}
}

/* In flash a collector must neither move nor free what a slot refers to: the _X kinds say so. */
static void fixKinds(txSlot *from, txSlot *until)
{
	for (txSlot *slot = from; slot < until; slot++) {
		switch (slot->kind) {
		case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
		case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
		case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
		case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
		default: break;
		}
	}
}

static void settleHeap(txMachine *the)
{
	txSlot *first = C_NULL;
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next) {
		fixKinds(heap + 1, heap->value.reference);
		for (txSlot *slot = heap + 1; slot < heap->value.reference && !first; slot++)
			if (slot->kind == XS_INSTANCE_KIND)
				first = slot;
	}
	fixKinds(the->stack, the->stackTop);
	/* Id 0 means "has no alias" to the engine. */
	if (first && first->ID == 0 && !(first->flag & XS_DONT_PATCH_FLAG))
		first->ID = the->aliasCount++;
}

static void printWords(const uint32_t *words, const uint32_t *end)
{
	char line[WORDS_PER_LINE * 8 + 2];
	while (words < end) {
		int length = 0;
		for (int i = 0; i < WORDS_PER_LINE && words < end; i++, words++)
			for (int shift = 28; shift >= 0; shift -= 4)
				line[length++] = "0123456789abcdef"[(*words >> shift) & 15];
		line[length++] = '\n';
		host_console(line, (size_t)length);
	}
}

static void printHeap(txMachine *the, uint32_t arena)
{
	struct rom_heap header;
	txPreparation *preparation = &header.preparation;
	char line[100];
	txSize stackCount = (txSize)(the->stackTop - the->stack);
	txSlot *stack = glueCapture(stackCount * sizeof(txSlot));
	c_memcpy(stack, the->stack, stackCount * sizeof(txSlot));
	c_memset(&header, 0, sizeof(header));
	header.magic = ROM_HEAP_MAGIC;
	header.arena = arena;
	header.arena_bytes = (uint32_t)(uintptr_t)glueCaptureEnd() - arena;
	header.chunks = (uint32_t)(uintptr_t)the->firstBlock;
	preparation->version[0] = XS_MAJOR_VERSION;
	preparation->version[1] = XS_MINOR_VERSION;
	preparation->version[2] = XS_PATCH_VERSION;
	preparation->aliasCount = the->aliasCount;
	preparation->heap = the->firstHeap;
	preparation->heapCount = (txSize)(the->firstHeap->value.reference - the->firstHeap);
	preparation->stack = stack;
	preparation->stackCount = stackCount;
	preparation->keys = the->keyArray;
	preparation->keyCount = the->keyIndex;
	preparation->nameModulo = the->nameModulo;
	preparation->names = the->nameTable;
	preparation->symbolModulo = the->symbolModulo;
	preparation->symbols = the->symbolTable;
	preparation->profileID = the->profileID;
	snprintf(line, sizeof(line), "rom-heap: slots %ld chunks %ld aliases %ld names %ld\n", (long)the->currentHeapCount,
		(long)the->currentChunksSize, (long)the->aliasCount, (long)the->keyIndex);
	glueText(line);
	if (the->firstBlock->nextBlock)
		glueStop(the, "the preloaded modules make more text and arrays than the ROM heap can hold");
	if (!configured("rom-heap-slots=", 0))
		return;
	glueText("rom-heap: begin\n");
	printWords((uint32_t *)&header, (uint32_t *)(&header + 1));
	printWords((uint32_t *)(uintptr_t)arena, (uint32_t *)glueCaptureEnd());
	printWords((uint32_t *)the->firstBlock, (uint32_t *)the->firstBlock->current);
	glueText("rom-heap: end\n");
}

static void capture(txCreation creation, uint32_t arena)
{
	glueCaptureFrom((uint8_t *)(uintptr_t)arena);
	creation.initialChunkSize = CAPTURE_CHUNK_BYTES;
	creation.initialHeapCount = (txSize)configured("rom-heap-slots=", CAPTURE_SLOTS);
	creation.incrementalHeapCount = CAPTURE_SLOTS_MORE;
	creation.stackCount = CAPTURE_STACK;
	txMachine *the = fxCreateMachine(&creation, "vatlet", C_NULL, XS_NO_ID);
	if (!the)
		glueStop(C_NULL, "too little memory to capture the ROM heap");
	fxBeginHost(the);
	{
		mxTry(the) {
			glueGlobals(the);
			preload(the);
			mxException = mxUndefined;
			detachGlobal(the);
			freezeInstances(the);
			fxShareMachine(the);
			settleHeap(the);
			printHeap(the, arena);
		}
		mxCatch(the) {
			fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
		}
	}
	host_exit(0);
}

txMachine *glueCreateMachine(const txCreation *given)
{
	txCreation creation = *given;
	uint32_t arena = configured("rom-heap=", 0);
	if (arena)
		capture(creation, arena);
	txMachine *the = fxCreateMachine(&creation, "vatlet", C_NULL, XS_NO_ID);
	if (the)
		glueGlobals(the);
	return the;
}
