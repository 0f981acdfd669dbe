/*
 * The usual case of following and building pointers, in one call each: exact equals of src/layout/near.ts. The public
 * interface of XS costs about as much per field as script does, so this reads the fields of a Place where they are: in
 * the order in which its class declares them. What does not look like that is left to the script, by answering false.
 */
#include "xsAll.h"

#include <string.h>

/* src/arena/place.ts */
enum { DATA, DATA_BYTES, VIEW, LENGTH, STEP, ELEMENT, SOURCE, POINTER_COUNT, DEPTH, SEGMENT, PLACE_FIELDS };
/* src/arena/segment.ts */
enum { SEGMENT_VIEW, SEGMENT_BYTES, START_BYTE, END_BYTE, LIMIT_BYTE, ID, ARENA, SEGMENT_FIELDS };
/* src/arena/arena.ts; no private names there, XS puts those first */
enum { BUDGET_WORDS, ARENA_FIELDS };
/* src/rpc/call-header.ts */
enum { QUESTION_ID, INTERFACE_LOW, INTERFACE_HIGH, METHOD_ID, TARGET_ID, CONTENT, HEADER_FIELDS };

enum { STRUCT, LIST };
enum { BYTE = 2, COMPOSITE = 7 };
#define COUNT_MAX 0x1FFFFFFF

/* The first `count` fields of the object in `slot`; 0 where it is none, or one in flash that only script can write to. */
static int fields(txSlot *slot, txSlot **field, int count)
{
	txSlot *instance, *property;
	int i;
	if (slot->kind != XS_REFERENCE_KIND)
		return 0;
	instance = slot->value.reference;
	if (instance->ID != XS_NO_ID)
		return 0;
	property = instance->next;
	for (i = 0; i < count; i++) {
		if (property == NULL)
			return 0;
		field[i] = property;
		property = property->next;
	}
	return 1;
}

static int integer(const txSlot *slot, txInteger *value)
{
	if (slot->kind == XS_INTEGER_KIND) {
		*value = slot->value.integer;
		return 1;
	}
	if (slot->kind == XS_NUMBER_KIND && slot->value.number >= 0 && slot->value.number <= 0x7FFFFFFF) {
		*value = (txInteger)slot->value.number;
		return *value == slot->value.number;
	}
	return 0;
}

static void set_integer(txSlot *slot, txInteger value)
{
	slot->kind = XS_INTEGER_KIND;
	slot->value.integer = value;
}

static void set_unsigned(txSlot *slot, uint32_t value)
{
	if (value <= 0x7FFFFFFF) {
		set_integer(slot, (txInteger)value);
		return;
	}
	slot->kind = XS_NUMBER_KIND;
	slot->value.number = value;
}

static void set(txSlot *slot, const txSlot *from)
{
	slot->kind = from->kind;
	slot->value = from->value;
}

/* The memory under a DataView and its length; NULL where it is none. Valid until something allocates. */
static uint8_t *memory(txSlot *slot, txInteger *length)
{
	txSlot *view, *buffer, *info;
	if (slot->kind != XS_REFERENCE_KIND)
		return NULL;
	view = slot->value.reference->next;
	if (view == NULL || view->kind != XS_DATA_VIEW_KIND || view->next == NULL || view->next->kind != XS_REFERENCE_KIND)
		return NULL;
	buffer = view->next->value.reference->next;
	if (buffer == NULL || buffer->kind != XS_ARRAY_BUFFER_KIND || buffer->value.arrayBuffer.address == NULL)
		return NULL;
	info = buffer->next;
	*length = info->value.bufferInfo.length - view->value.dataView.offset;
	if (view->value.dataView.size >= 0 && view->value.dataView.size < *length)
		*length = view->value.dataView.size;
	return (uint8_t *)buffer->value.arrayBuffer.address + view->value.dataView.offset;
}

static uint32_t get32(const uint8_t *bytes)
{
	uint32_t value;
	memcpy(&value, bytes, 4);
	return value;
}

static void set32(uint8_t *bytes, uint32_t value)
{
	memcpy(bytes, &value, 4);
}

/* Where one follows from: the place, its segment, and the pointer. */
struct origin {
	txSlot *place[PLACE_FIELDS];
	txSlot *segment[SEGMENT_FIELDS];
	txSlot *into[PLACE_FIELDS];
	/* What `into` leaves: its list, and its element. */
	txSlot *source[PLACE_FIELDS], *element[PLACE_FIELDS];
	uint8_t *bytes;
	txInteger length, start, end, position, depth;
	uint32_t low, high;
};

/* Nothing is changed before it is known that everything can be. */
static int linked(const txSlot *link, txSlot **other)
{
	return link->kind != XS_REFERENCE_KIND || fields((txSlot *)link, other, PLACE_FIELDS);
}

static int pointer_at(struct origin *o, txSlot *from, txSlot *index, txSlot *into)
{
	txInteger data, data_bytes, count, i;
	int64_t position;
	if (!fields(from, o->place, PLACE_FIELDS) || !fields(into, o->into, PLACE_FIELDS) || !integer(index, &i))
		return 0;
	if (!integer(o->place[POINTER_COUNT], &count) || i < 0 || i >= count)
		return 0;
	if (!linked(o->into[SOURCE], o->source) || !linked(o->into[ELEMENT], o->element))
		return 0;
	if (!fields(o->place[SEGMENT], o->segment, SEGMENT_FIELDS))
		return 0;
	if (!integer(o->place[DATA], &data) || !integer(o->place[DATA_BYTES], &data_bytes) || !integer(o->place[DEPTH], &o->depth))
		return 0;
	if (!integer(o->segment[START_BYTE], &o->start) || !integer(o->segment[END_BYTE], &o->end))
		return 0;
	o->bytes = memory(o->place[VIEW], &o->length);
	position = (int64_t)data + data_bytes + (int64_t)i * 8;
	if (o->bytes == NULL || position < 0 || position + 8 > o->length || o->end > o->length)
		return 0;
	o->position = (txInteger)position;
	o->low = get32(o->bytes + position);
	o->high = get32(o->bytes + position + 4);
	return 1;
}

/* The byte `words` behind the pointer's end plus its offset. */
static int64_t target(const struct origin *o)
{
	return (int64_t)o->position + 8 + (int64_t)((int32_t)o->low >> 2) * 8;
}

/* Takes `words` off the read budget of an arena where it has them. */
static int spend(txSlot *arena, int64_t words)
{
	txSlot *budget[ARENA_FIELDS];
	txInteger left;
	if (!fields(arena, budget, ARENA_FIELDS) || !integer(budget[BUDGET_WORDS], &left) || left < words)
		return 0;
	set_integer(budget[BUDGET_WORDS], left - (txInteger)words);
	return 1;
}

static int charge(struct origin *o, int64_t words)
{
	return o->segment[ARENA]->kind == XS_NULL_KIND || spend(o->segment[ARENA], words);
}

/* Place.leave(); `source` and `element` are what `linked` has found. */
static void leave(txSlot **into, txSlot **source, txSlot **element)
{
	if (into[SOURCE]->kind == XS_REFERENCE_KIND) {
		source[ELEMENT]->kind = XS_NULL_KIND;
		into[SOURCE]->kind = XS_NULL_KIND;
	}
	if (into[ELEMENT]->kind == XS_REFERENCE_KIND) {
		element[SOURCE]->kind = XS_NULL_KIND;
		into[ELEMENT]->kind = XS_NULL_KIND;
	}
}

static void aim(struct origin *o, int64_t data, uint32_t data_bytes, uint32_t pointer_count, txInteger depth)
{
	leave(o->into, o->source, o->element);
	set_integer(o->into[DATA], (txInteger)data);
	set_integer(o->into[DATA_BYTES], (txInteger)data_bytes);
	set(o->into[VIEW], o->place[VIEW]);
	set_integer(o->into[POINTER_COUNT], (txInteger)pointer_count);
	set_integer(o->into[DEPTH], depth);
	set(o->into[SEGMENT], o->place[SEGMENT]);
}

static void answer(txMachine *the, int value)
{
	mxResult->kind = XS_BOOLEAN_KIND;
	mxResult->value.boolean = (txBoolean)value;
}

static int near_struct(struct origin *o)
{
	uint32_t data_words = o->high & 0xFFFF, pointers = o->high >> 16;
	int64_t start = target(o), words = (int64_t)data_words + pointers;
	if ((o->low & 3) != STRUCT || o->high == 0 || start < o->start || start + words * 8 > o->end || o->depth <= 0)
		return 0;
	if (!charge(o, words))
		return 0;
	aim(o, start, data_words * 8, pointers, o->depth - 1);
	return 1;
}

/* (from, index, into) */
void xs_codec_nearStruct(txMachine *the)
{
	struct origin o;
	answer(the, pointer_at(&o, mxArgv(0), mxArgv(1), mxArgv(2)) && near_struct(&o));
}

static int near_struct_list(struct origin *o)
{
	int64_t start = target(o) + 8, words = o->high >> 3;
	uint32_t tag_low, tag_high, each, count;
	if ((o->low & 3) != LIST || (o->high & 7) != COMPOSITE || start < (int64_t)o->start + 8 || start + words * 8 > o->end || o->depth <= 0)
		return 0;
	tag_low = get32(o->bytes + start - 8);
	tag_high = get32(o->bytes + start - 4);
	each = (tag_high & 0xFFFF) + (tag_high >> 16);
	count = tag_low >> 2;
	if ((tag_low & 3) != STRUCT || each == 0 || (int64_t)count * each > words)
		return 0;
	if (!charge(o, words + 1))
		return 0;
	aim(o, start, (tag_high & 0xFFFF) * 8, tag_high >> 16, o->depth - 1);
	set_integer(o->into[LENGTH], (txInteger)count);
	set_integer(o->into[STEP], (txInteger)each * 8);
	return 1;
}

/* (from, index, into) */
void xs_codec_nearStructList(txMachine *the)
{
	struct origin o;
	answer(the, pointer_at(&o, mxArgv(0), mxArgv(1), mxArgv(2)) && near_struct_list(&o));
}

static int near_blob(struct origin *o, int text)
{
	int64_t start = target(o), count = o->high >> 3, length = count - text;
	if ((o->low & 3) != LIST || (o->high & 7) != BYTE || start < o->start || start + count > o->end || length < 0 || o->depth <= 0)
		return 0;
	if (text && o->bytes[start + length] != 0)
		return 0;
	if (!charge(o, (length + 8) >> 3))
		return 0;
	aim(o, start, 1, 0, o->depth - 1);
	set_integer(o->into[LENGTH], (txInteger)length);
	set_integer(o->into[STEP], 1);
	return 1;
}

/* (from, index, text, into) */
void xs_codec_nearBlob(txMachine *the)
{
	struct origin o;
	int text = mxArgv(2)->kind == XS_BOOLEAN_KIND && mxArgv(2)->value.boolean;
	answer(the, pointer_at(&o, mxArgv(0), mxArgv(1), mxArgv(3)) && near_blob(&o, text));
}

/* Takes `words` from the end of the segment for the pointer and writes that; -1 where the general way is needed. */
static int64_t room(struct origin *o, int64_t words, uint32_t kind, uint32_t high)
{
	txInteger limit;
	int64_t start = o->end, end = start + words * 8;
	if (o->low != 0 || o->high != 0 || !integer(o->segment[LIMIT_BYTE], &limit) || end > limit || end > o->length)
		return -1;
	set_integer(o->segment[END_BYTE], (txInteger)end);
	set32(o->bytes + o->position, (uint32_t)((start - o->position - 8) >> 1) | kind);
	set32(o->bytes + o->position + 4, high);
	return start;
}

/* (from, index, dataWords, pointerCount, into) */
void xs_codec_newStruct(txMachine *the)
{
	struct origin o;
	txInteger data_words, pointers;
	int64_t start;
	answer(the, 0);
	if (!integer(mxArgv(2), &data_words) || !integer(mxArgv(3), &pointers) || data_words + pointers == 0)
		return;
	if (!pointer_at(&o, mxArgv(0), mxArgv(1), mxArgv(4)))
		return;
	start = room(&o, (int64_t)data_words + pointers, STRUCT, (uint32_t)data_words | (uint32_t)pointers << 16);
	if (start < 0)
		return;
	aim(&o, start, (uint32_t)data_words * 8, (uint32_t)pointers, o.depth);
	answer(the, 1);
}

/* (from, index, count, dataWords, pointerCount, into) */
void xs_codec_newStructList(txMachine *the)
{
	struct origin o;
	txInteger count, data_words, pointers;
	int64_t tag, words;
	answer(the, 0);
	if (!integer(mxArgv(2), &count) || !integer(mxArgv(3), &data_words) || !integer(mxArgv(4), &pointers) || count > COUNT_MAX)
		return;
	words = (int64_t)count * (data_words + pointers);
	if (words >= COUNT_MAX || !pointer_at(&o, mxArgv(0), mxArgv(1), mxArgv(5)))
		return;
	tag = room(&o, words + 1, LIST, COMPOSITE | (uint32_t)words << 3);
	if (tag < 0)
		return;
	set32(o.bytes + tag, (uint32_t)count << 2);
	set32(o.bytes + tag + 4, (uint32_t)data_words | (uint32_t)pointers << 16);
	aim(&o, tag + 8, (uint32_t)data_words * 8, (uint32_t)pointers, o.depth);
	set_integer(o.into[LENGTH], count);
	set_integer(o.into[STEP], (data_words + pointers) * 8);
	answer(the, 1);
}

/* (from, index, length, text) and whatever is to be aimed at it */
static int64_t blob_room(txMachine *the, struct origin *o, txInteger *length, txSlot *into)
{
	int64_t count;
	if (!integer(mxArgv(2), length) || *length < 0)
		return -1;
	count = (int64_t)*length + (mxArgv(3)->kind == XS_BOOLEAN_KIND && mxArgv(3)->value.boolean);
	if (count == 0 || count > COUNT_MAX || !pointer_at(o, mxArgv(0), mxArgv(1), into))
		return -1;
	return room(o, (count + 7) >> 3, LIST, BYTE | (uint32_t)count << 3);
}

/* (from, index, length, text): the byte offset, or -1 */
void xs_codec_blobRoom(txMachine *the)
{
	struct origin o;
	txInteger length;
	set_integer(mxResult, (txInteger)blob_room(the, &o, &length, mxArgv(0)));
}

/* (from, index, length, text, into) */
void xs_codec_newBlob(txMachine *the)
{
	struct origin o;
	txInteger length;
	int64_t start;
	answer(the, 0);
	start = blob_room(the, &o, &length, mxArgv(4));
	if (start < 0)
		return;
	aim(&o, start, 1, 0, o.depth);
	set_integer(o.into[LENGTH], length);
	set_integer(o.into[STEP], 1);
	answer(the, 1);
}

/* A view has its place as its first field. */
static int place_of(txSlot *view, txSlot **place)
{
	txSlot *at;
	return fields(view, &at, 1) && fields(at, place, PLACE_FIELDS);
}

/* list.read(i, into), list.edit(i, into): aims `into` at the element and returns it */
void xs_codec_element(txMachine *the)
{
	txSlot *from[PLACE_FIELDS], *into[PLACE_FIELDS], *old[PLACE_FIELDS], *source[PLACE_FIELDS], *element[PLACE_FIELDS], *list, *view;
	txInteger i, length, data, step;
	if (!place_of(mxThis, from) || !place_of(mxArgv(1), into))
		mxTypeError("a list and a view of its elements are needed");
	if (!integer(from[LENGTH], &length) || !integer(from[DATA], &data) || !integer(from[STEP], &step))
		mxTypeError("not a list");
	if (!integer(mxArgv(0), &i) || i < 0 || i >= length)
		mxRangeError("index outside a list of %d", (int)length);
	list = mxThis->value.reference->next;
	view = mxArgv(1)->value.reference->next;
	if (from[ELEMENT]->kind != XS_REFERENCE_KIND || from[ELEMENT]->value.reference != view->value.reference) {
		if (!linked(from[ELEMENT], old) || !linked(into[SOURCE], source) || !linked(into[ELEMENT], element))
			mxTypeError("a view that cannot be moved");
		leave(into, source, element);
		if (from[ELEMENT]->kind == XS_REFERENCE_KIND)
			old[SOURCE]->kind = XS_NULL_KIND;
		set(from[ELEMENT], view);
		set(into[SOURCE], list);
		set(into[VIEW], from[VIEW]);
		set(into[DATA_BYTES], from[DATA_BYTES]);
		set(into[POINTER_COUNT], from[POINTER_COUNT]);
		set_integer(into[LENGTH], 0);
		set_integer(into[STEP], 0);
		set(into[DEPTH], from[DEPTH]);
		set(into[SEGMENT], from[SEGMENT]);
	}
	set_integer(into[DATA], data + i * step);
	mxResult->kind = mxArgv(1)->kind;
	mxResult->value = mxArgv(1)->value;
}

/* A struct behind a near pointer, in bytes from the start of the buffer. */
struct span {
	int64_t at;
	uint32_t data_bytes, pointer_count;
};

static int struct_at(const uint8_t *bytes, txInteger start, txInteger end, int64_t pointer, struct span *found, int64_t *words)
{
	uint32_t low = get32(bytes + pointer), high = get32(bytes + pointer + 4);
	found->data_bytes = (high & 0xFFFF) * 8;
	found->pointer_count = high >> 16;
	found->at = pointer + 8 + (int64_t)((int32_t)low >> 2) * 8;
	*words += (high & 0xFFFF) + (high >> 16);
	return (low & 3) == STRUCT && high != 0 && found->at >= start && found->at + found->data_bytes + found->pointer_count * 8LL <= end;
}

static int64_t pointer_of(const struct span *of, uint32_t index)
{
	return of->at + of->data_bytes + index * 8LL;
}

static uint32_t get16(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8;
}

/* src/rpc/schema.ts */
enum { TAG_CALL = 2, CALL_DATA_BYTES_MIN = 16, CALL_FLAGS = 16, ONLY_PROMISE_PIPELINE = 4 };

static int read_call_header(txSlot *from, txSlot *into)
{
	txSlot *segment[SEGMENT_FIELDS], *header[HEADER_FIELDS];
	struct span root, body, target, payload;
	txInteger start, end, length;
	int64_t words = 0, content;
	const uint8_t *bytes;
	if (!fields(from, segment, SEGMENT_FIELDS) || !fields(into, header, HEADER_FIELDS))
		return 0;
	if (!integer(segment[START_BYTE], &start) || !integer(segment[END_BYTE], &end))
		return 0;
	bytes = memory(segment[SEGMENT_VIEW], &length);
	if (bytes == NULL || start < 0 || end > length || end - start < 8)
		return 0;
	if (!struct_at(bytes, start, end, start, &root, &words) || root.data_bytes == 0 || root.pointer_count == 0)
		return 0;
	if (get16(bytes + root.at) != TAG_CALL || !struct_at(bytes, start, end, pointer_of(&root, 0), &body, &words))
		return 0;
	if (body.pointer_count < 2 || body.data_bytes < CALL_DATA_BYTES_MIN || get16(bytes + body.at + 6) != 0)
		return 0;
	if (body.data_bytes > CALL_FLAGS && (bytes[body.at + CALL_FLAGS] & ONLY_PROMISE_PIPELINE) != 0)
		return 0;
	if (!struct_at(bytes, start, end, pointer_of(&body, 0), &target, &words) || target.data_bytes == 0 || get16(bytes + target.at + 4) != 0)
		return 0;
	if (!struct_at(bytes, start, end, pointer_of(&body, 1), &payload, &words) || payload.pointer_count == 0)
		return 0;
	content = pointer_of(&payload, 0);
	if (payload.pointer_count > 1 && (get32(bytes + content + 8) | get32(bytes + content + 12)) != 0)
		return 0;
	if (!spend(segment[ARENA], words))
		return 0;
	set_unsigned(header[QUESTION_ID], get32(bytes + body.at));
	set_unsigned(header[INTERFACE_LOW], get32(bytes + body.at + 8));
	set_unsigned(header[INTERFACE_HIGH], get32(bytes + body.at + 12));
	set_integer(header[METHOD_ID], (txInteger)get16(bytes + body.at + 4));
	set_unsigned(header[TARGET_ID], get32(bytes + target.at));
	set_integer(header[CONTENT], (txInteger)content);
	return 1;
}

/* (segment, header) */
void xs_codec_readCallHeader(txMachine *the)
{
	answer(the, read_call_header(mxArgv(0), mxArgv(1)));
}
