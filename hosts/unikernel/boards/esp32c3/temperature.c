/*
 * The chip's own thermometer, in its range from -10 to 80 degrees: the chip is some degrees warmer than the room, the more it works. Formula, range
 * and calibration: esp-idf, temperature_sensor_ll.h and temperature_sensor_periph.c. It shares the analog part's bus with the SAR ADC, which entropy.c
 * has powered.
 */
#include "board.h"
#include "host.h"
#include "registers.h"

/* The value of I2C_SARADC_TSENS_DAC for that range, and after setting it what the sensor needs until it is right. */
#define RANGE_DAC 15u
#define SETTLE_US 300u

static void start(void)
{
	REGISTER32(SYSTEM_PERIP_CLK_EN1_REG) |= SYSTEM_TSENS_CLK_EN;
	REGISTER32(SYSTEM_PERIP_RST_EN1_REG) |= SYSTEM_TSENS_RST;
	REGISTER32(SYSTEM_PERIP_RST_EN1_REG) &= ~SYSTEM_TSENS_RST;
	REGISTER32(APB_SARADC_APB_TSENS_CTRL2_REG) |= APB_SARADC_TSENS_CLK_SEL;   /* of the crystal */
	REGISTER32(APB_SARADC_APB_TSENS_CTRL_REG) |= APB_SARADC_TSENS_PU;
	regi2c_impl_write_mask(I2C_SAR_ADC, 0, I2C_SARADC_TSENS_DAC, 3, 0, RANGE_DAC);
	for (uint64_t ready_us = board_now_us() + SETTLE_US; board_now_us() < ready_us;)
		;
}

/* Tenths of a degree that this chip reads too much, burnt in by its maker: a sign and eight bits. */
static int32_t calibration(void)
{
	uint32_t word = REGISTER32(EFUSE_RD_SYS_PART1_DATA4_REG);
	if ((word & EFUSE_BLK_VERSION_MAJOR_M) == 0)
		return 0;
	uint32_t value = word >> EFUSE_TEMP_CALIB_S & EFUSE_TEMP_CALIB_V;
	return (value & BIT(8)) ? -(int32_t)(value & 0xffu) : (int32_t)value;
}

int host_chip_temperature(int32_t *millicelsius)
{
	static bool started;
	if (!started)
		start();
	started = true;
	int32_t raw = (int32_t)(REGISTER32(APB_SARADC_APB_TSENS_CTRL_REG) & APB_SARADC_TSENS_OUT_M);
	/* 0.4386 raw - 20.52 degrees */
	*millicelsius = raw * 4386 / 10 - 20520 - calibration() * 100;
	return HOST_OK;
}
