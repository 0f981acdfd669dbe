/* Values of the boot configuration, text of lines `name=value`. */
#ifndef VATLET_CONFIG_H
#define VATLET_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

/* The value, not terminated, ends at a newline or at the end of the text; NULL if the name is absent. */
const char *config_text(const char *name);
/* The fallback if absent or not a decimal number that fits. */
uint32_t config_number(const char *name, uint32_t fallback);
/* `a.b.c.d`; leaves `into` alone and returns false if absent or malformed. */
bool config_address(const char *name, uint8_t into[4]);

#endif
