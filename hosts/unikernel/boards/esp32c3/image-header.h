/* What lies before the program in flash; hosts/node/build/esp-image.ts writes it. */
#ifndef VATLET_IMAGE_HEADER_H
#define VATLET_IMAGE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#define IMAGE_MAGIC 0x4c544156u
#define IMAGE_HEADER_BYTES 64u

struct image_header {
	uint32_t magic;
	uint32_t bytes;        /* of the program, after this header */
	uint8_t digest[32];    /* SHA-256 of them */
	uint32_t reserved[6];
};

/* `program` are the bytes after the header; false also if there are more than `bytes_max`. */
bool image_is_whole(const struct image_header *header, const uint8_t *program, uint32_t bytes_max);

#endif
