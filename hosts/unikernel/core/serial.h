/* The serial line that the console is on, for bytes of a program and for console text between them. */
#ifndef VATLET_CORE_SERIAL_H
#define VATLET_CORE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Moves what can move without waiting; true if there is something to tell the program. */
bool serial_poll(void);
/* Console text, after what the program has written. Without NUL bytes: they delimit frames. */
void serial_console(const char *bytes, size_t length);
/* Of programs, without console text. */
uint32_t serial_bytes_in(void);
uint32_t serial_bytes_out(void);

#endif
