/* QEMU's machine has neither pins nor a thermometer. */
#include "board.h"
#include "host.h"

bool board_pin_edge(void) { return false; }
int host_pin_open(int number, int mode, int edges) { (void)number, (void)mode, (void)edges; return HOST_ABSENT; }
int host_pin_read(int number) { (void)number; return 0; }
void host_pin_write(int number, int level) { (void)number, (void)level; }
int host_pin_events(int number) { (void)number; return 0; }
void host_pin_close(int number) { (void)number; }
int host_chip_temperature(int32_t *millicelsius) { (void)millicelsius; return HOST_ABSENT; }
