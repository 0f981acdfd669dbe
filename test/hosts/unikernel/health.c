/* Feeds bytes from standard input to the health tests, and the program behind an image's header to its check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boards/esp32c3/image-header.h"
#include "core/entropy-health.h"

static int health(void)
{
	struct entropy_health state = { 0 };
	uint32_t taken = 0;
	for (int byte; (byte = getchar()) != EOF; taken++)
		if (!entropy_health_take(&state, (uint8_t)byte))
			break;
	printf("%d %u\n", state.failure, taken);
	return 0;
}

static int image(void)
{
	struct image_header header;
	uint8_t *program = malloc(4 << 20);
	if (fread(&header, 1, sizeof header, stdin) != sizeof header)
		return 2;
	size_t length = fread(program, 1, 4 << 20, stdin);
	printf("%d\n", header.bytes <= length && image_is_whole(&header, program, 4 << 20));
	free(program);
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "image") == 0 ? image() : health();
}
