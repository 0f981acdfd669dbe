/* The hardware random source: virtio-rng. */
#include <string.h>

#include "board.h"
#include "host.h"
#include "virtio.h"

#define CHUNK_BYTES 64u
#define PATIENCE_US 2000000u

VIRTIO_QUEUE(queue, 2);
static struct virtio_device device;
static uint8_t chunk[CHUNK_BYTES] __attribute__((aligned(16)));

static int open(void)
{
	int result = virtio_open(&device, VIRTIO_ID_ENTROPY, 0);
	if (result == HOST_OK)
		result = virtio_add_queue(&device, 0, &queue, false);
	if (result == HOST_OK)
		virtio_ready(&device);
	return result;
}

/* One request; the device may give fewer bytes than asked for. */
static int request(uint32_t length)
{
	queue.descriptors[0] = (struct virtio_descriptor){ (uintptr_t)chunk, length, VIRTIO_DEVICE_WRITES, 0 };
	virtio_offer(&queue, 0);
	virtio_notify(&device, 0, &queue);
	uint64_t patience = board_now_us() + PATIENCE_US;
	uint32_t got;
	while (virtio_take(&queue, &got) < 0) {
		if (board_now_us() > patience)
			return HOST_FAILED;
	}
	return got > length ? (int)length : (int)got;
}

int board_entropy(uint8_t *into, size_t length)
{
	if (device.base == 0) {
		int result = open();
		if (result != HOST_OK)
			return result;
	}
	while (length > 0) {
		int got = request(length < CHUNK_BYTES ? (uint32_t)length : CHUNK_BYTES);
		if (got < 0)
			return got;
		memcpy(into, chunk, (size_t)got);
		memset(chunk, 0, sizeof chunk);   /* what was handed out must not lie about */
		into += got;
		length -= (size_t)got;
	}
	return HOST_OK;
}
