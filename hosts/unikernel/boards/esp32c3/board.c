/*
 * Start, time, sleep, watchdog and exit of an ESP32-C3. One core, machine mode; interrupts move received bytes into RAM and wake, and run no
 * other code.
 */
#include "board.h"

#include <stdio.h>
#include <string.h>

#include "host.h"
#include "core/panic.h"
#include "image-header.h"
#include "pins.h"
#include "registers.h"
#include "serial.h"

extern uint8_t __stack_bottom[], __stack_top[], __ram_used_end[], __ram_end[];

#define STACK_PAINT 0xa5a5a5a5u
#define RAM_BYTES 0x60000u
#define CONFIG_BYTES_MAX 4096u
/* An interrupt just before wfi is not seen by it: then this is how long it takes. */
#define NAP_US_MAX 10000u
#define WATCHDOG_TICK_US 500u

/* CPU interrupt lines: any from 1 to 31 that the core does not use itself. */
enum { LINE_UART = 8, LINE_USB = 9, LINE_TIMER = 10, LINE_PINS = 11 };

static void watchdogs_off(void)
{
	/* The ROM leaves three armed for the boot: rtc_cntl, its super watchdog, and that of timer group 0. */
	REGISTER32(RTC_CNTL_WDTWPROTECT_REG) = WDT_WKEY;
	REGISTER32(RTC_CNTL_WDTCONFIG0_REG) = 0;
	REGISTER32(RTC_CNTL_WDTWPROTECT_REG) = 0;
	REGISTER32(RTC_CNTL_SWD_WPROTECT_REG) = SWD_WKEY;
	REGISTER32(RTC_CNTL_SWD_CONF_REG) |= RTC_CNTL_SWD_AUTO_FEED_EN;
	REGISTER32(RTC_CNTL_SWD_WPROTECT_REG) = 0;
	for (uint32_t group = 0; group < 2; group++) {
		REGISTER32(TIMG_WDTWPROTECT_REG(group)) = WDT_WKEY;
		REGISTER32(TIMG_WDTCONFIG0_REG(group)) = 0;
		REGISTER32(TIMG_WDTWPROTECT_REG(group)) = 0;
	}
}

static void route(uint32_t map_register, uint32_t line)
{
	REGISTER32(map_register) = line;
	REGISTER32(INTERRUPT_CORE0_CPU_INT_TYPE_REG) &= ~BIT(line);
	REGISTER32(INTERRUPT_CORE0_CPU_INT_PRI_REG(line)) = 1;
	REGISTER32(INTERRUPT_CORE0_CPU_INT_ENABLE_REG) |= BIT(line);
}

void board_start(void)
{
	watchdogs_off();
	REGISTER32(SYSTIMER_CONF_REG) |= SYSTIMER_CLK_EN | SYSTIMER_TIMER_UNIT0_WORK_EN;
	clock_start();
	serial_start();
	image_check();
	REGISTER32(INTERRUPT_CORE0_CPU_INT_THRESH_REG) = 1;
	route(INTERRUPT_CORE0_UART_INTR_MAP_REG, LINE_UART);
	route(INTERRUPT_CORE0_USB_INTR_MAP_REG, LINE_USB);
	route(INTERRUPT_CORE0_SYSTIMER_TARGET0_INT_MAP_REG, LINE_TIMER);
	route(INTERRUPT_CORE0_GPIO_INTERRUPT_PRO_MAP_REG, LINE_PINS);
	REGISTER32(SYSTIMER_INT_ENA_REG) = SYSTIMER_TARGET0_INT;
	entropy_start();
	csr_set(mstatus, MSTATUS_MIE);
}

#define PROGRAM_BYTES_MAX (CONFIG_FLASH_OFFSET - 0x1000u - IMAGE_HEADER_BYTES)

void image_check(void)
{
	const struct image_header *header = (const struct image_header *)(FLASH_DATA + 0x1000u);
	if (!image_is_whole(header, (const uint8_t *)(header + 1), PROGRAM_BYTES_MAX))
		panic("image", "the program in flash is not the one that was built: flash it again", PANIC_CONFIG);
}

void board_interrupt(void);
IN_RAM void board_interrupt(void)
{
	REGISTER32(SYSTIMER_INT_CLR_REG) = SYSTIMER_TARGET0_INT;
	serial_interrupt();
	pins_interrupt();
}

/* Halts: a reset would only lose what the console says. */
void board_exit(int status)
{
	(void)status;
	watchdogs_off();
	csr_clear(mstatus, MSTATUS_MIE);
	for (;;)
		__asm__ volatile("wfi");
}

void board_restart(void)
{
	REGISTER32(RTC_CNTL_OPTIONS0_REG) |= RTC_CNTL_SW_SYS_RST;
	for (;;)
		;
}

static uint64_t ticks(void)
{
	REGISTER32(SYSTIMER_UNIT0_OP_REG) = SYSTIMER_TIMER_UNIT0_UPDATE;
	while (!(REGISTER32(SYSTIMER_UNIT0_OP_REG) & SYSTIMER_TIMER_UNIT0_VALUE_VALID))
		;
	uint32_t high = REGISTER32(SYSTIMER_UNIT0_VALUE_HI_REG);
	return (uint64_t)high << 32 | REGISTER32(SYSTIMER_UNIT0_VALUE_LO_REG);
}

uint64_t board_now_us(void)
{
	return ticks() / SYSTIMER_TICKS_PER_US;
}

uint64_t board_instructions(void)
{
	return 0;
}

void board_idle(uint64_t deadline_us)
{
	uint64_t latest_us = board_now_us() + NAP_US_MAX;
	uint64_t alarm = (deadline_us < latest_us ? deadline_us : latest_us) * SYSTIMER_TICKS_PER_US;
	REGISTER32(SYSTIMER_CONF_REG) &= ~SYSTIMER_TARGET0_WORK_EN;
	REGISTER32(SYSTIMER_TARGET0_HI_REG) = (uint32_t)(alarm >> 32);
	REGISTER32(SYSTIMER_TARGET0_LO_REG) = (uint32_t)alarm;
	REGISTER32(SYSTIMER_TARGET0_CONF_REG) = 0;   /* one shot, timer unit 0 */
	REGISTER32(SYSTIMER_COMP0_LOAD_REG) = 1;
	REGISTER32(SYSTIMER_CONF_REG) |= SYSTIMER_TARGET0_WORK_EN;
	if (!serial_pending() && !board_pin_edge())
		__asm__ volatile("wfi" ::: "memory");
}

/* The main watchdog of timer group 0: its first stage resets the system. */
void board_watchdog(uint32_t seconds)
{
	REGISTER32(TIMG_WDTWPROTECT_REG(0)) = WDT_WKEY;
	REGISTER32(TIMG_WDTCONFIG0_REG(0)) = 0;
	if (seconds > 0) {
		REGISTER32(TIMG_WDTCONFIG1_REG(0)) = (WATCHDOG_TICK_US * 80u) << TIMG_WDT_CLK_PRESCALE_S;   /* of the 80 MHz APB clock */
		REGISTER32(TIMG_WDTCONFIG2_REG(0)) = seconds * (1000000u / WATCHDOG_TICK_US);
		REGISTER32(TIMG_WDTFEED_REG(0)) = 1;
		REGISTER32(TIMG_WDTCONFIG0_REG(0)) = TIMG_WDT_EN | 3u << TIMG_WDT_STG0_S | TIMG_WDT_CONF_UPDATE_EN;
	}
	REGISTER32(TIMG_WDTWPROTECT_REG(0)) = 0;
}

const char *board_config(void)
{
	const char *text = (const char *)(FLASH_DATA + CONFIG_FLASH_OFFSET);
	if (text[0] == (char)0xff)
		return "";
	return memchr(text, 0, CONFIG_BYTES_MAX) == NULL ? NULL : text;
}

uint8_t *board_free_ram(size_t *bytes)
{
	*bytes = (size_t)(__ram_end - __ram_used_end);
	return __ram_used_end;
}

size_t board_ram_bytes(void)
{
	return RAM_BYTES;
}

size_t board_stack_peak(void)
{
	const uint32_t *word = (const uint32_t *)__stack_bottom;
	while (word < (const uint32_t *)__stack_top && *word == STACK_PAINT)
		word++;
	return (size_t)(__stack_top - (const uint8_t *)word);
}

uint8_t *board_stack_bottom(void)
{
	return __stack_bottom;
}

void board_exception(uint32_t cause, uint32_t pc, uint32_t address, uint32_t from) __attribute__((noreturn));
void board_exception(uint32_t cause, uint32_t pc, uint32_t address, uint32_t from)
{
	char line[120];
	snprintf(line, sizeof line, "%s, pc=0x%08lx address=0x%08lx ra=0x%08lx mcause=0x%lx",
		address < 0x1000u && cause >= 4 && cause < 8 ? "null pointer" : "exception", (unsigned long)pc, (unsigned long)address,
		(unsigned long)from, (unsigned long)cause);
	panic("trap", line, PANIC_TRAP);
}
