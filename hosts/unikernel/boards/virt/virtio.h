/*
 * virtio-mmio, version 2 (modern) only. Whatever a device writes, ids and lengths, is checked against what was given to it before
 * it is used as an index.
 */
#ifndef VATLET_VIRTIO_H
#define VATLET_VIRTIO_H

#include <stdbool.h>
#include <stdint.h>

#define VIRTIO_ID_NET 1
#define VIRTIO_ID_ENTROPY 4

struct virtio_descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

#define VIRTIO_NEXT 1u
#define VIRTIO_DEVICE_WRITES 2u

struct virtio_available {
	uint16_t flags, index, ring[];
};

struct virtio_used {
	uint16_t flags, index;
	struct { uint32_t id, length; } ring[];
};

struct virtio_queue {
	uint16_t size;            /* power of two */
	uint16_t seen;            /* used entries taken so far */
	struct virtio_descriptor *descriptors;
	volatile struct virtio_available *available;
	volatile struct virtio_used *used;
};

/* Static storage for a queue: entries is a power of two. */
#define VIRTIO_QUEUE(name, entries) \
	static struct virtio_descriptor name##_descriptors[entries] __attribute__((aligned(16))); \
	static uint16_t name##_available[3 + (entries)] __attribute__((aligned(4))); \
	static uint32_t name##_used[2 + 2 * (entries)] __attribute__((aligned(4))); \
	static struct virtio_queue name = { (entries), 0, name##_descriptors, \
		(volatile struct virtio_available *)name##_available, (volatile struct virtio_used *)name##_used }

struct virtio_device {
	uintptr_t base;           /* 0: absent */
	uint32_t interrupt;
};

/* Finds the first device of a kind and negotiates: exactly `features` (low word) plus version 1. HOST_ABSENT or HOST_FAILED. */
int virtio_open(struct virtio_device *device, uint32_t kind, uint32_t features);
int virtio_add_queue(struct virtio_device *device, uint32_t index, struct virtio_queue *queue, bool interrupts);
void virtio_ready(struct virtio_device *device);
void virtio_offer(struct virtio_queue *queue, uint16_t head);
void virtio_notify(struct virtio_device *device, uint32_t index, const struct virtio_queue *queue);
/* Takes one used entry: its head, or -1 if none. A device that answers with an id out of range ends the program. */
int virtio_take(struct virtio_queue *queue, uint32_t *length);
void virtio_acknowledge(uint32_t interrupt);

#endif
