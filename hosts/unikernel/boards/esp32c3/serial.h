/* Inside of this board: what its files share. */
#ifndef VATLET_ESP32C3_SERIAL_H
#define VATLET_ESP32C3_SERIAL_H

#include <stdbool.h>

/* The last 128 KB of 4 MB: boot configuration in the first sector, then the store. */
#define CONFIG_FLASH_OFFSET 0x3e0000u

void serial_start(void);
void serial_interrupt(void);
bool serial_pending(void);
bool serial_on_uart(void);
/* Ends the run if the program in flash is not the one that was built. */
void image_check(void);

#endif
