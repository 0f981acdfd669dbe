#include "virtio.h"

#include "host.h"
#include "core/panic.h"
#include "registers.h"

enum {
	MAGIC = 0x000, VERSION = 0x004, DEVICE_ID = 0x008, DEVICE_FEATURES = 0x010, DEVICE_FEATURES_SELECT = 0x014,
	DRIVER_FEATURES = 0x020, DRIVER_FEATURES_SELECT = 0x024, QUEUE_SELECT = 0x030, QUEUE_SIZE_MAX = 0x034, QUEUE_SIZE = 0x038,
	QUEUE_READY = 0x044, QUEUE_NOTIFY = 0x050, INTERRUPT_STATUS = 0x060, INTERRUPT_ACKNOWLEDGE = 0x064, STATUS = 0x070,
	QUEUE_DESCRIPTORS = 0x080, QUEUE_AVAILABLE = 0x090, QUEUE_USED = 0x0a0
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILED = 128 };

#define VIRTIO_MAGIC 0x74726976u
#define FEATURE_VERSION_1 1u     /* bit 32 */
#define NO_INTERRUPT 1u
#define NO_NOTIFY 1u

int virtio_open(struct virtio_device *device, uint32_t kind, uint32_t features)
{
	for (uint32_t slot = 0; slot < VIRTIO_SLOTS; slot++) {
		uintptr_t base = VIRTIO_FIRST + slot * VIRTIO_STRIDE;
		if (REGISTER32(base + MAGIC) != VIRTIO_MAGIC || REGISTER32(base + DEVICE_ID) != kind)
			continue;
		if (REGISTER32(base + VERSION) != 2)
			panic("virtio", "the device speaks the legacy protocol; start QEMU with -global virtio-mmio.force-legacy=false", PANIC_DEVICE);
		REGISTER32(base + STATUS) = 0;
		REGISTER32(base + STATUS) = ACKNOWLEDGE | DRIVER;
		REGISTER32(base + DEVICE_FEATURES_SELECT) = 0;
		uint32_t low = REGISTER32(base + DEVICE_FEATURES);
		REGISTER32(base + DEVICE_FEATURES_SELECT) = 1;
		uint32_t high = REGISTER32(base + DEVICE_FEATURES);
		REGISTER32(base + DRIVER_FEATURES_SELECT) = 0;
		REGISTER32(base + DRIVER_FEATURES) = features;
		REGISTER32(base + DRIVER_FEATURES_SELECT) = 1;
		REGISTER32(base + DRIVER_FEATURES) = FEATURE_VERSION_1;
		REGISTER32(base + STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK;
		if ((low & features) != features || !(high & FEATURE_VERSION_1) || !(REGISTER32(base + STATUS) & FEATURES_OK)) {
			REGISTER32(base + STATUS) = FAILED;
			return HOST_FAILED;
		}
		device->base = base;
		device->interrupt = slot + 1;
		return HOST_OK;
	}
	return HOST_ABSENT;
}

int virtio_add_queue(struct virtio_device *device, uint32_t index, struct virtio_queue *queue, bool interrupts)
{
	uintptr_t base = device->base;
	REGISTER32(base + QUEUE_SELECT) = index;
	if (REGISTER32(base + QUEUE_SIZE_MAX) < queue->size)
		return HOST_FAILED;
	queue->available->flags = interrupts ? 0 : NO_INTERRUPT;
	REGISTER32(base + QUEUE_SIZE) = queue->size;
	REGISTER32(base + QUEUE_DESCRIPTORS) = (uint32_t)(uintptr_t)queue->descriptors;
	REGISTER32(base + QUEUE_DESCRIPTORS + 4) = 0;
	REGISTER32(base + QUEUE_AVAILABLE) = (uint32_t)(uintptr_t)queue->available;
	REGISTER32(base + QUEUE_AVAILABLE + 4) = 0;
	REGISTER32(base + QUEUE_USED) = (uint32_t)(uintptr_t)queue->used;
	REGISTER32(base + QUEUE_USED + 4) = 0;
	REGISTER32(base + QUEUE_READY) = 1;
	return HOST_OK;
}

void virtio_ready(struct virtio_device *device)
{
	REGISTER32(device->base + STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
	REGISTER32(PLIC + 4 * device->interrupt) = 1;
	REGISTER32(PLIC + 0x2000) |= 1u << device->interrupt;
}

void virtio_offer(struct virtio_queue *queue, uint16_t head)
{
	volatile struct virtio_available *available = queue->available;
	available->ring[available->index & (queue->size - 1)] = head;
	memory_barrier();
	available->index++;
}

void virtio_notify(struct virtio_device *device, uint32_t index, const struct virtio_queue *queue)
{
	memory_barrier();
	if (!(queue->used->flags & NO_NOTIFY))
		REGISTER32(device->base + QUEUE_NOTIFY) = index;
}

int virtio_take(struct virtio_queue *queue, uint32_t *length)
{
	uint16_t index = queue->used->index;
	if (index == queue->seen)
		return -1;
	memory_barrier();
	if ((uint16_t)(index - queue->seen) > queue->size)
		panic("virtio", "the device's used index ran ahead of the queue", PANIC_DEVICE);
	uint16_t slot = queue->seen & (queue->size - 1);
	uint32_t id = queue->used->ring[slot].id;
	if (id >= queue->size)
		panic("virtio", "the device returned a descriptor out of range", PANIC_DEVICE);
	*length = queue->used->ring[slot].length;
	queue->seen++;
	return (int)id;
}

void virtio_acknowledge(uint32_t interrupt)
{
	if (interrupt == 0 || interrupt > VIRTIO_SLOTS)
		return;
	uintptr_t base = VIRTIO_FIRST + (interrupt - 1) * VIRTIO_STRIDE;
	REGISTER32(base + INTERRUPT_ACKNOWLEDGE) = REGISTER32(base + INTERRUPT_STATUS);
}
