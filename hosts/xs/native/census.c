/*
 * The `vatlet/census` module: what the engine's heap in RAM is made of, for people. Only a program that imports it carries it.
 *
 * An object costs its slot and one for each property, private ones included; what an object refers to is counted where it is an
 * object itself. Buffers, array items and strings are chunks, counted for the object that holds them.
 */
#include "xsAll.h"
#include "glue.h"

#include <stdio.h>

enum { GROUPS_MAX = 240, NAME_BYTES = 40 };

struct group {
	char name[NAME_BYTES];
	uint32_t objects, slots, chunkBytes;
};

static struct group *gGroups;
static int gGroupCount;

static struct group *groupNamed(const char *name)
{
	int i;
	for (i = 0; i < gGroupCount; i++)
		if (!strncmp(gGroups[i].name, name, NAME_BYTES - 1))
			return gGroups + i;
	if (gGroupCount == GROUPS_MAX)
		return gGroups + GROUPS_MAX - 1;
	strncpy(gGroups[i].name, name, NAME_BYTES - 1);
	gGroupCount++;
	return gGroups + i;
}

/* Chunks in flash cost nothing here. */
static uint32_t chunkBytes(txMachine *the, const void *data)
{
	const txByte *at = data;
	for (txBlock *block = the->firstBlock; block; block = block->nextBlock)
		if ((txByte *)(block + 1) <= at && at < block->current)
			return ((const txChunk *)(at - sizeof(txChunk)))->size & 0x7fffffff;
	return 0;
}

static uint32_t chunkOf(txMachine *the, txSlot *slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: return chunkBytes(the, slot->value.string);
	case XS_BIGINT_KIND: return chunkBytes(the, slot->value.bigint.data);
	case XS_ARRAY_KIND: return slot->value.array.address ? chunkBytes(the, slot->value.array.address) : 0;
	case XS_ARRAY_BUFFER_KIND: return slot->value.arrayBuffer.address ? chunkBytes(the, slot->value.arrayBuffer.address) : 0;
	case XS_CODE_KIND: return chunkBytes(the, slot->value.code.address);
	case XS_KEY_KIND: return chunkBytes(the, slot->value.key.string);
	default: return 0;
	}
}

static int isFunction(const txSlot *instance)
{
	const txSlot *first = instance->next;
	return first && (first->kind == XS_CODE_KIND || first->kind == XS_CODE_X_KIND || first->kind == XS_CALLBACK_KIND || first->kind == XS_CALLBACK_X_KIND);
}

static const char *keyName(txMachine *the, txID id)
{
	const char *name = id == XS_NO_ID ? C_NULL : fxGetKeyName(the, id);
	return name && *name ? name : C_NULL;
}

static txSlot *own(txSlot *instance, txID id)
{
	txSlot *property = instance->next;
	while (property && property->ID != id)
		property = property->next;
	return property;
}

/* The name of the class whose prototype this is. */
static const char *className(txMachine *the, txSlot *prototype)
{
	txSlot *property = own(prototype, mxID(_constructor));
	if (!property || property->kind != XS_REFERENCE_KIND || !isFunction(property->value.reference))
		return C_NULL;
	return keyName(the, property->value.reference->next->ID);
}

static void nameInstance(txMachine *the, txSlot *instance, char *name)
{
	const char *text = C_NULL;
	if (isFunction(instance)) {
		text = keyName(the, instance->next->ID);
		snprintf(name, NAME_BYTES, "function %s", text ? text : "");
		return;
	}
	if (own(instance, mxID(_constructor))) {
		text = className(the, instance);
		snprintf(name, NAME_BYTES, "%s.prototype", text ? text : "?");
		return;
	}
	txSlot *prototype = instance->value.instance.prototype;
	while (prototype && !text) {
		text = className(the, prototype);
		prototype = prototype->value.instance.prototype;
	}
	snprintf(name, NAME_BYTES, "%s", text ? text : "(no class)");
}

static void countChain(txMachine *the, struct group *group, txSlot *slot)
{
	for (; slot; slot = slot->next) {
		if (slot->flag & XS_MARK_FLAG)
			continue;
		slot->flag |= XS_MARK_FLAG;
		group->slots++;
		group->chunkBytes += chunkOf(the, slot);
		if (slot->kind == XS_PRIVATE_KIND)
			countChain(the, group, slot->value.private.first);
	}
}

typedef void (*visitor)(txMachine *the, txSlot *slot);

static void eachSlot(txMachine *the, visitor visit)
{
	for (txSlot *heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot *slot = heap + 1; slot < heap->value.reference; slot++)
			visit(the, slot);
}

static void countInstance(txMachine *the, txSlot *slot)
{
	char name[NAME_BYTES];
	if (slot->kind != XS_INSTANCE_KIND || (slot->flag & XS_MARK_FLAG))
		return;
	nameInstance(the, slot, name);
	struct group *group = groupNamed(name);
	group->objects++;
	countChain(the, group, slot);
}

/* Closures, names, what the engine keeps for itself. */
static void countRest(txMachine *the, txSlot *slot)
{
	char name[NAME_BYTES];
	if (slot->flag & XS_MARK_FLAG)
		return;
	snprintf(name, NAME_BYTES, "(engine: slots of kind %d)", slot->kind);
	struct group *group = groupNamed(name);
	group->slots++;
	group->chunkBytes += chunkOf(the, slot);
}

static void unmark(txMachine *the, txSlot *slot)
{
	slot->flag &= ~XS_MARK_FLAG;
}

static int byCost(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	uint32_t x = a->slots * sizeof(txSlot) + a->chunkBytes, y = b->slots * sizeof(txSlot) + b->chunkBytes;
	return x < y ? 1 : x > y ? -1 : 0;
}

void xs_census(txMachine *the)
{
	char line[NAME_BYTES + 80];
	fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
	gGroups = c_calloc(GROUPS_MAX, sizeof(struct group));
	if (!gGroups)
		mxUnknownError("no memory for a census");
	gGroupCount = 0;
	for (txSlot *slot = the->freeHeap; slot; slot = slot->next)
		slot->flag |= XS_MARK_FLAG;
	eachSlot(the, countInstance);
	eachSlot(the, countRest);
	eachSlot(the, unmark);
	qsort(gGroups, gGroupCount, sizeof(struct group), byCost);
	snprintf(line, sizeof line, "census: slots %u of %u bytes, chunks %u bytes\n", (unsigned)the->currentHeapCount, (unsigned)sizeof(txSlot),
	         (unsigned)the->currentChunksSize);
	glueText(line);
	for (int i = 0; i < gGroupCount; i++) {
		const struct group *group = gGroups + i;
		snprintf(line, sizeof line, "census: %s, objects %u, slots %u, chunks %u\n", group->name, (unsigned)group->objects, (unsigned)group->slots,
		         (unsigned)group->chunkBytes);
		glueText(line);
	}
	c_free(gGroups);
}
