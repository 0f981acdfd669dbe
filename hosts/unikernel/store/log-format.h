/* The bytes of the log: what a sector and a record look like. Little-endian words. */
#ifndef VATLET_LOG_FORMAT_H
#define VATLET_LOG_FORMAT_H

#include <stdint.h>

#define SECTOR_MAGIC 0x31474c56u        /* "VLG1" */
#define PROGRAM_BYTES_MAX 16u

/* At the start of a sector; written after its erasure, before its first record. */
struct sector_header {
	uint32_t magic;
	uint32_t sequence;      /* grows by one with every sector opened */
	uint32_t tail;          /* the oldest sector that counted when this one was opened; top bit: AFTER_TORN */
	uint32_t check;         /* CRC-32 of the words above */
};

/* The sector before ends in a write that did not finish. Without this mark such an end means damage. */
#define AFTER_TORN 0x80000000u

enum record_kind {
	RECORD_PUT = 0x70,
	RECORD_COPY = 0x63,     /* a put, moved here from the oldest sector */
	RECORD_DELETE = 0x64,
	RECORD_TAIL = 0x74      /* value_bytes is the new oldest sector's sequence; no body */
};

/* Followed by domain, key and value, the CRC-32 of header and body, padding, and one program unit of zeros: the commit mark. */
struct record_header {
	uint8_t kind;
	uint8_t domain_bytes;
	uint8_t key_bytes;
	uint8_t version;        /* 1 */
	uint32_t value_bytes;
	uint32_t check;         /* CRC-32 of the sector's sequence and the words above: stale sectors cannot pass for new ones */
};

#define RECORD_VERSION 1

/* CRC-32 (IEEE 802.3), continued from `crc`; start with 0. */
uint32_t crc32_of(uint32_t crc, const void *bytes, uint32_t length);

#endif
