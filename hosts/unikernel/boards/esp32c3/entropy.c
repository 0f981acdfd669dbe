/*
 * The hardware random number generator. Without a radio only the SAR ADC feeds it noise, so the ADC samples the chip's internal voltage for as
 * long as the program runs (esp-idf: bootloader_random_esp32c3.c names the registers). Every byte passes the health tests before it is used.
 */
#include "board.h"
#include "host.h"
#include "core/entropy-health.h"
#include "core/panic.h"
#include "registers.h"

/* The generator is read no faster than noise comes in: some ADC samples between two words. */
#define WORD_INTERVAL_US 50u

static struct entropy_health health;

void entropy_start(void)
{
	REGISTER32(RTC_CNTL_SENSOR_CTRL_REG) |= 3u << RTC_CNTL_FORCE_XPD_SAR_S;
	REGISTER32(RTC_CNTL_ANA_CONF_REG) |= RTC_CNTL_SAR_I2C_PU;
	REGISTER32(SYSTEM_PERIP_RST_EN0_REG) |= SYSTEM_APB_SARADC_RST;
	REGISTER32(SYSTEM_PERIP_RST_EN0_REG) &= ~SYSTEM_APB_SARADC_RST;
	REGISTER32(SYSTEM_PERIP_CLK_EN0_REG) |= SYSTEM_APB_SARADC_CLK_EN;
	/* APB clock, divided by 15 + 1. */
	REGISTER32(APB_SARADC_APB_ADC_CLKM_CONF_REG) = 2u << APB_SARADC_CLK_SEL_S | APB_SARADC_CLK_EN | 15;
	REGISTER32(APB_SARADC_FSM_WAIT_REG) = 100u << APB_SARADC_STANDBY_WAIT_S | 8u << APB_SARADC_RSTB_WAIT_S | 5;
	REGISTER32(ANA_CONFIG_REG) &= ~ANA_I2C_SAR_FORCE_PD;
	REGISTER32(ANA_CONFIG2_REG) |= ANA_I2C_SAR_FORCE_PU;
	regi2c_impl_write_mask(I2C_SAR_ADC, 0, ADC_SAR_DTEST_ADDR, 1, 0, 0);   /* ADC_SARADC_DTEST_RTC */
	regi2c_impl_write_mask(I2C_SAR_ADC, 0, ADC_SAR_DTEST_ADDR, 3, 3, 1);   /* ADC_SARADC_ENT_RTC */
	regi2c_impl_write_mask(I2C_SAR_ADC, 0, ADC_SAR_DTEST_ADDR, 4, 4, 1);   /* ADC_SARADC1_ENCAL_REF */
	regi2c_impl_write_mask(I2C_SAR_ADC, 0, ADC_SAR_DTEST_ADDR, 6, 6, 1);   /* ADC_SARADC2_ENCAL_REF */
	/* A pattern of one: unit 2, channel 1, attenuation 3; six bits from bit 18 on. */
	REGISTER32(APB_SARADC_SAR_PATT_TAB1_REG) = (REGISTER32(APB_SARADC_SAR_PATT_TAB1_REG) & ~0xfc0000u) | (3u | 1u << 2 | 1u << 5) << 18;
	REGISTER32(APB_SARADC_CTRL_REG) = (REGISTER32(APB_SARADC_CTRL_REG) & ~(7u << APB_SARADC_SAR_PATT_LEN_S) & ~(0xffu << APB_SARADC_SAR_CLK_DIV_S))
		| 3u << APB_SARADC_XPD_SAR_FORCE_S | 1u << APB_SARADC_SAR_CLK_DIV_S | APB_SARADC_SAR_CLK_GATED;
	REGISTER32(APB_SARADC_DMA_CONF_REG) |= APB_SARADC_APB_ADC_TRANS;
	REGISTER32(APB_SARADC_CTRL2_REG) = (REGISTER32(APB_SARADC_CTRL2_REG) & ~(0xfffu << APB_SARADC_TIMER_TARGET_S))
		| 100u << APB_SARADC_TIMER_TARGET_S | APB_SARADC_TIMER_EN;
	uint8_t byte;
	for (uint32_t i = 0; i < HEALTH_STARTUP_SAMPLES; i++)
		if (board_entropy(&byte, 1) != HOST_OK)
			panic("entropy", health.failure == HEALTH_REPEATS ? "the random source repeats itself (repetition count test, SP 800-90B)"
				: "the random source favours a value (adaptive proportion test, SP 800-90B)", PANIC_ENTROPY);
}

int board_entropy(uint8_t *into, size_t length)
{
	uint32_t word = 0;
	for (size_t i = 0; i < length; i++) {
		if (i % 4 == 0) {
			for (uint64_t ready_us = board_now_us() + WORD_INTERVAL_US; board_now_us() < ready_us;)
				;
			word = REGISTER32(SYSCON_RND_DATA_REG);
		}
		into[i] = (uint8_t)(word >> 8 * (i % 4));
		if (!entropy_health_take(&health, into[i]))
			return HOST_FAILED;
	}
	return HOST_OK;
}
