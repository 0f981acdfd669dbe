/* virtio-net as the link layer: no copies, one descriptor per slice, one per receive buffer. */
#include "net/link.h"

#include "host.h"
#include "core/panic.h"
#include "registers.h"
#include "virtio.h"

#define FEATURE_MAC (1u << 5)
#define HEADER_BYTES 12u
#define DEVICE_CONFIG 0x100u
#define BUFFER_BYTES ((HEADER_BYTES + LINK_FRAME_BYTES + 3u) & ~3u)
#define RECEIVE_ENTRIES 16
#define SEND_ENTRIES 32

_Static_assert(LINK_RECEIVE_BUFFERS <= RECEIVE_ENTRIES, "each receive buffer has a descriptor");

enum { RECEIVE_QUEUE, SEND_QUEUE };

VIRTIO_QUEUE(receiving, RECEIVE_ENTRIES);
VIRTIO_QUEUE(sending, SEND_ENTRIES);
static struct virtio_device device;
static uint8_t buffers[LINK_RECEIVE_BUFFERS][BUFFER_BYTES] __attribute__((aligned(4)));
static uint32_t lent;                         /* bit per receive buffer in our hands */
static const uint8_t send_header[HEADER_BYTES];
static uint16_t free_descriptor, free_count;  /* send descriptors, chained by `next` */
static void *owners[SEND_ENTRIES];            /* by head descriptor */

static void offer(int buffer)
{
	receiving.descriptors[buffer] = (struct virtio_descriptor){ (uintptr_t)buffers[buffer], BUFFER_BYTES, VIRTIO_DEVICE_WRITES, 0 };
	virtio_offer(&receiving, (uint16_t)buffer);
}

int link_open(uint8_t address[6])
{
	int result = virtio_open(&device, VIRTIO_ID_NET, FEATURE_MAC);
	if (result == HOST_OK)
		result = virtio_add_queue(&device, RECEIVE_QUEUE, &receiving, true);
	if (result == HOST_OK)
		result = virtio_add_queue(&device, SEND_QUEUE, &sending, false);
	if (result != HOST_OK)
		return result;
	for (int i = 0; i < 6; i++)
		address[i] = REGISTER8(device.base + DEVICE_CONFIG + i);
	for (int i = 0; i < SEND_ENTRIES; i++)
		sending.descriptors[i].next = (uint16_t)(i + 1);
	free_count = SEND_ENTRIES;
	virtio_ready(&device);
	for (int i = 0; i < LINK_RECEIVE_BUFFERS; i++)
		offer(i);
	virtio_notify(&device, RECEIVE_QUEUE, &receiving);
	return HOST_OK;
}

int link_receive(uint8_t **frame, size_t *length)
{
	uint32_t written;
	int buffer = device.base == 0 ? -1 : virtio_take(&receiving, &written);
	if (buffer < 0)
		return -1;
	if (buffer >= LINK_RECEIVE_BUFFERS || (lent & 1u << buffer))
		panic("virtio", "the network device returned a buffer that it does not have", PANIC_DEVICE);
	lent |= 1u << buffer;
	if (written > BUFFER_BYTES)
		written = BUFFER_BYTES;
	*frame = buffers[buffer] + HEADER_BYTES;
	*length = written < HEADER_BYTES ? 0 : written - HEADER_BYTES;
	return buffer;
}

void link_return(int buffer)
{
	lent &= ~(1u << buffer);
	offer(buffer);
	virtio_notify(&device, RECEIVE_QUEUE, &receiving);
}

static uint16_t fill(const void *bytes, size_t length, uint16_t flags)
{
	uint16_t index = free_descriptor;
	struct virtio_descriptor *descriptor = &sending.descriptors[index];
	free_descriptor = descriptor->next;
	free_count--;
	descriptor->address = (uintptr_t)bytes;
	descriptor->length = (uint32_t)length;
	descriptor->flags = flags;
	return index;
}

int link_send(const struct link_slice *slices, int count, void *owner)
{
	if (count < 1 || count > LINK_SLICES)
		return HOST_INVALID;
	if (device.base == 0 || free_count < count + 1)
		return HOST_FULL;
	uint16_t head = fill(send_header, HEADER_BYTES, VIRTIO_NEXT);
	for (int i = 0; i < count; i++)
		fill(slices[i].bytes, slices[i].length, i + 1 < count ? VIRTIO_NEXT : 0);   /* the free list is the chain */
	owners[head] = owner;
	virtio_offer(&sending, head);
	virtio_notify(&device, SEND_QUEUE, &sending);
	return HOST_OK;
}

void *link_sent(void)
{
	uint32_t written;
	int head = device.base == 0 ? -1 : virtio_take(&sending, &written);
	if (head < 0)
		return NULL;
	void *owner = owners[head];
	if (owner == NULL)
		panic("virtio", "the network device finished a frame twice", PANIC_DEVICE);
	owners[head] = NULL;
	uint16_t last = (uint16_t)head;
	free_count++;
	while (sending.descriptors[last].flags & VIRTIO_NEXT) {
		last = sending.descriptors[last].next;
		free_count++;
	}
	sending.descriptors[last].next = free_descriptor;
	free_descriptor = (uint16_t)head;
	return owner;
}
