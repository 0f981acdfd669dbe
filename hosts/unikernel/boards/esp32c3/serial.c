/*
 * The console's line: the chip's own USB serial port (`/usb`), or UART 0 (`/uart0`) where the boot configuration says `line=uart0`.
 * Received bytes are taken out of the small hardware FIFO by interrupt: a TLS handshake may keep the program for half a second.
 */
#include "serial.h"

#include <string.h>

#include "board.h"
#include "core/config.h"
#include "registers.h"

/* What a peer may send unasked: eight frames of 256 bytes and their acknowledgements. */
#define RING_BYTES 4096u
#define XTAL_HZ 40000000u
#define DEFAULT_BAUD 115200u
#define FULL_THRESHOLD 64u
/* An open USB port whose reader has stopped takes no bytes for ever. */
#define PATIENCE_US 50000u

static uint8_t ring[RING_BYTES];
static volatile uint32_t ring_head, ring_tail;
static bool on_uart;

static IN_RAM bool take(uint8_t *byte)
{
	if (on_uart) {
		if ((REGISTER32(UART_STATUS_REG) & UART_RXFIFO_CNT_M) == 0)
			return false;
		*byte = (uint8_t)REGISTER32(UART_FIFO_REG);
	}
	else {
		if (!(REGISTER32(USB_SERIAL_JTAG_EP1_CONF_REG) & USB_SERIAL_JTAG_SERIAL_OUT_EP_DATA_AVAIL))
			return false;
		*byte = (uint8_t)REGISTER32(USB_SERIAL_JTAG_EP1_REG);
	}
	return true;
}

/* A full ring drops what comes: the link repeats it. */
IN_RAM void serial_interrupt(void)
{
	uint8_t byte;
	REGISTER32(UART_INT_CLR_REG) = UART_RXFIFO_FULL_INT | UART_RXFIFO_TOUT_INT | UART_TXFIFO_EMPTY_INT;
	REGISTER32(USB_SERIAL_JTAG_INT_CLR_REG) = USB_SERIAL_JTAG_SERIAL_OUT_RECV_PKT_INT | USB_SERIAL_JTAG_SERIAL_IN_EMPTY_INT;
	while (take(&byte)) {
		uint32_t next = (ring_tail + 1) % RING_BYTES;
		if (next == ring_head)
			continue;
		ring[ring_tail] = byte;
		ring_tail = next;
	}
	board_serial_await_room(false);
}

void board_serial_speed(uint32_t baud)
{
	uint32_t divider16 = XTAL_HZ * 16u / baud;
	REGISTER32(UART_CLK_CONF_REG) = (REGISTER32(UART_CLK_CONF_REG) & ~(3u << UART_SCLK_SEL_S) & ~(0xffu << UART_SCLK_DIV_NUM_S))
		| UART_SCLK_SEL_XTAL << UART_SCLK_SEL_S;
	REGISTER32(UART_CLKDIV_REG) = (divider16 >> 4) | (divider16 & 15u) << UART_CLKDIV_FRAG_S;
}

void serial_start(void)
{
	const char *line = config_text("line");
	on_uart = line != NULL && strncmp(line, "uart0", 5) == 0;
	board_serial_speed(DEFAULT_BAUD);
	REGISTER32(UART_CONF1_REG) = UART_RX_TOUT_EN | 16u << UART_TXFIFO_EMPTY_THRHD_S | FULL_THRESHOLD;
	REGISTER32(UART_INT_ENA_REG) = on_uart ? UART_RXFIFO_FULL_INT | UART_RXFIFO_TOUT_INT : 0;
	REGISTER32(USB_SERIAL_JTAG_INT_ENA_REG) = on_uart ? 0 : USB_SERIAL_JTAG_SERIAL_OUT_RECV_PKT_INT;
}

const char *board_serial_name(void)
{
	return on_uart ? "/uart0" : "/usb";
}

bool serial_on_uart(void)
{
	return on_uart;
}

bool serial_pending(void)
{
	return ring_head != ring_tail;
}

size_t board_serial_receive(uint8_t *into, size_t max)
{
	size_t count = 0;
	while (count < max && ring_head != ring_tail) {
		into[count++] = ring[ring_head];
		ring_head = (ring_head + 1) % RING_BYTES;
	}
	return count;
}

size_t board_serial_send(const uint8_t *from, size_t length)
{
	size_t count = 0;
	if (on_uart) {
		while (count < length && (REGISTER32(UART_STATUS_REG) >> UART_TXFIFO_CNT_S & 0x3ffu) < UART_FIFO_BYTES - 2)
			REGISTER32(UART_FIFO_REG) = from[count++];
		return count;
	}
	while (count < length && (REGISTER32(USB_SERIAL_JTAG_EP1_CONF_REG) & USB_SERIAL_JTAG_SERIAL_IN_EP_DATA_FREE))
		REGISTER32(USB_SERIAL_JTAG_EP1_REG) = from[count++];
	if (count > 0)
		REGISTER32(USB_SERIAL_JTAG_EP1_CONF_REG) = USB_SERIAL_JTAG_WR_DONE;
	return count;
}

IN_RAM void board_serial_await_room(bool wanted)
{
	if (on_uart)
		REGISTER32(UART_INT_ENA_REG) = UART_RXFIFO_FULL_INT | UART_RXFIFO_TOUT_INT | (wanted ? UART_TXFIFO_EMPTY_INT : 0);
	else
		REGISTER32(USB_SERIAL_JTAG_INT_ENA_REG)
			= USB_SERIAL_JTAG_SERIAL_OUT_RECV_PKT_INT | (wanted ? USB_SERIAL_JTAG_SERIAL_IN_EMPTY_INT : 0);
}

void board_console(const char *bytes, size_t length)
{
	uint64_t patience_us = board_now_us() + PATIENCE_US;
	while (length > 0 && board_now_us() < patience_us) {
		size_t sent = board_serial_send((const uint8_t *)bytes, length);
		if (sent > 0)
			patience_us = board_now_us() + PATIENCE_US;
		bytes += sent;
		length -= sent;
	}
}
