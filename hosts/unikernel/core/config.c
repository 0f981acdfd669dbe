#include "core/config.h"

#include <stddef.h>
#include <string.h>

#include "board.h"

const char *config_text(const char *name)
{
	size_t length = strlen(name);
	const char *line = board_config();
	while (line != NULL && *line != 0) {
		if (strncmp(line, name, length) == 0 && line[length] == '=')
			return line + length + 1;
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return NULL;
}

/* Digits up to a value; NULL if there is none or it is too large. */
static const char *read_number(const char *text, uint32_t most, uint32_t *value)
{
	if (*text < '0' || *text > '9')
		return NULL;
	uint64_t sum = 0;
	while (*text >= '0' && *text <= '9') {
		sum = sum * 10 + (uint32_t)(*text++ - '0');
		if (sum > most)
			return NULL;
	}
	*value = (uint32_t)sum;
	return text;
}

static bool ends(const char *text)
{
	return *text == 0 || *text == '\n' || *text == '\r';
}

uint32_t config_number(const char *name, uint32_t fallback)
{
	const char *text = config_text(name);
	uint32_t value;
	if (text == NULL)
		return fallback;
	text = read_number(text, UINT32_MAX, &value);
	return text == NULL || !ends(text) ? fallback : value;
}

bool config_address(const char *name, uint8_t into[4])
{
	const char *text = config_text(name);
	uint32_t parts[4];
	if (text == NULL)
		return false;
	for (int i = 0; i < 4; i++) {
		if (i > 0 && *text++ != '.')
			return false;
		text = read_number(text, 255, &parts[i]);
		if (text == NULL)
			return false;
	}
	if (!ends(text))
		return false;
	for (int i = 0; i < 4; i++)
		into[i] = (uint8_t)parts[i];
	return true;
}
