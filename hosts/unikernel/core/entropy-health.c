#include "core/entropy-health.h"

static void count_repetitions(struct entropy_health *health, uint8_t sample)
{
	if (health->repetitions > 0 && sample == health->last)
		health->repetitions++;
	else {
		health->last = sample;
		health->repetitions = 1;
	}
	if (health->repetitions >= HEALTH_REPETITIONS_MAX && health->failure == HEALTH_GOOD)
		health->failure = HEALTH_REPEATS;
}

static void weigh_proportion(struct entropy_health *health, uint8_t sample)
{
	if (health->seen == 0) {
		health->watched = sample;
		health->found = 0;
	}
	if (sample == health->watched)
		health->found++;
	if (health->found >= HEALTH_PROPORTION_MAX && health->failure == HEALTH_GOOD)
		health->failure = HEALTH_LOPSIDED;
	health->seen = health->seen + 1 == HEALTH_WINDOW ? 0 : health->seen + 1;
}

bool entropy_health_take(struct entropy_health *health, uint8_t sample)
{
	count_repetitions(health, sample);
	weigh_proportion(health, sample);
	return health->failure == HEALTH_GOOD;
}
