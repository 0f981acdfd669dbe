/* Of the chip's pins, what the board's interrupt needs. */
#ifndef VATLET_ESP32C3_PINS_H
#define VATLET_ESP32C3_PINS_H

/* Runs from RAM. */
void pins_interrupt(void);

#endif
