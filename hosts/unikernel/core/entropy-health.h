/*
 * Continuous health tests of a noise source, after NIST SP 800-90B §4.4: the repetition count test and the adaptive proportion test,
 * over samples of one byte. Pure arithmetic: the samples are arguments.
 */
#ifndef VATLET_ENTROPY_HEALTH_H
#define VATLET_ENTROPY_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The claim that is tested: one bit of min-entropy in a byte, and one false alarm in 2^30 samples. SP 800-90B §4.4.1: the cutoff is
 * 1 + ceil(30 / H) = 31. §4.4.2: in a window of 512, 1 + critbinom(512, 2^-H, 1 - 2^-30) = 325.
 */
#define HEALTH_REPETITIONS_MAX 31u
#define HEALTH_WINDOW 512u
#define HEALTH_PROPORTION_MAX 325u
/* §4.3: tested before the first of them is used. */
#define HEALTH_STARTUP_SAMPLES 1024u

enum { HEALTH_GOOD, HEALTH_REPEATS, HEALTH_LOPSIDED };

struct entropy_health {
	uint8_t last;
	uint32_t repetitions;   /* of `last`; 0 before the first sample */
	uint8_t watched;
	uint32_t seen;          /* samples of the present window; 0: the next one begins it */
	uint32_t found;         /* of them, as `watched` */
	int failure;            /* HEALTH_GOOD, or what failed first: it stays */
};

/* Takes a sample; false from the first failure on. */
bool entropy_health_take(struct entropy_health *health, uint8_t sample);

#endif
