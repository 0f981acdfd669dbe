/*
 * GPIO 0 to 10, 20 and 21. 11 to 17 belong to the flash chip, 18 and 19 to the USB port; 20 and 21 are the console's where that is on UART 0.
 * Nothing is done about the strapping pins 2, 8 and 9, which choose how the chip boots: whoever drives them at reset chooses.
 */
#include "pins.h"

#include "board.h"
#include "host.h"
#include "registers.h"
#include "serial.h"

#define FREE_PINS 0x3007ffu
#define UART_PINS (BIT(20) | BIT(21))
/* Of 0 to 3; the reset value, some 20 mA. */
#define DRIVE_STRENGTH 2u

static uint32_t open_pins;
static volatile uint32_t edges_seen;

IN_RAM void pins_interrupt(void)
{
	uint32_t status = REGISTER32(GPIO_STATUS_REG);
	REGISTER32(GPIO_STATUS_W1TC_REG) = status;
	edges_seen |= status;
}

bool board_pin_edge(void)
{
	return edges_seen != 0;
}

static void set_pad(int pin, uint32_t bits)
{
	REGISTER32(IO_MUX_GPIO_REG(pin)) = PIN_FUNC_GPIO << MCU_SEL_S | DRIVE_STRENGTH << FUN_DRV_S | bits;
}

int host_pin_open(int pin, int mode, int edges)
{
	static const uint32_t pulls[] = { 0, FUN_PU, FUN_PD, FUN_PU | FUN_PD };
	if (!(FREE_PINS & BIT(pin)))
		return HOST_ABSENT;
	if ((open_pins & BIT(pin)) || (serial_on_uart() && (UART_PINS & BIT(pin))))
		return HOST_FULL;
	open_pins |= BIT(pin);
	if (mode < HOST_PIN_OUTPUT) {
		REGISTER32(GPIO_ENABLE_W1TC_REG) = BIT(pin);
		set_pad(pin, FUN_IE | pulls[mode]);
		REGISTER32(GPIO_STATUS_W1TC_REG) = BIT(pin);
		/* Kinds of edges: 1 rising, 2 falling, 3 any. */
		REGISTER32(GPIO_PIN_REG(pin)) = edges == 0 ? 0 : 1u << GPIO_PIN_INT_ENA_S | (uint32_t)edges << GPIO_PIN_INT_TYPE_S;
		return HOST_OK;
	}
	REGISTER32(GPIO_OUT_W1TC_REG) = BIT(pin);
	REGISTER32(GPIO_PIN_REG(pin)) = mode == HOST_PIN_OUTPUT_OPEN_DRAIN ? GPIO_PIN_PAD_DRIVER : 0;
	REGISTER32(GPIO_FUNC_OUT_SEL_CFG_REG(pin)) = GPIO_FUNC_OEN_SEL | SIG_GPIO_OUT_IDX;
	set_pad(pin, 0);
	REGISTER32(GPIO_ENABLE_W1TS_REG) = BIT(pin);
	return HOST_OK;
}

int host_pin_read(int pin)
{
	return (REGISTER32(GPIO_IN_REG) & BIT(pin)) != 0;
}

void host_pin_write(int pin, int level)
{
	if (level)
		REGISTER32(GPIO_OUT_W1TS_REG) = BIT(pin);
	else
		REGISTER32(GPIO_OUT_W1TC_REG) = BIT(pin);
}

int host_pin_events(int pin)
{
	bool seen = (edges_seen & BIT(pin)) != 0;
	if (seen) {
		csr_clear(mstatus, MSTATUS_MIE);
		edges_seen &= ~BIT(pin);
		csr_set(mstatus, MSTATUS_MIE);
	}
	return seen;
}

/* To what a pin is after reset: an input that nobody reads. */
void host_pin_close(int pin)
{
	REGISTER32(GPIO_ENABLE_W1TC_REG) = BIT(pin);
	REGISTER32(GPIO_PIN_REG(pin)) = 0;
	set_pad(pin, 0);
	host_pin_events(pin);
	open_pins &= ~BIT(pin);
}
