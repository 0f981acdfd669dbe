/* From the crystal's pace to 160 MHz: the 480 MHz PLL, divided by three. Values for its analog part: esp-idf, clk_tree_ll.h, 480 MHz from 40 MHz. */
#include "registers.h"

#define CPU_MHZ 160u

void clock_start(void)
{
	REGISTER32(RTC_CNTL_OPTIONS0_REG) &= ~(RTC_CNTL_BB_I2C_FORCE_PD | RTC_CNTL_BBPLL_FORCE_PD | RTC_CNTL_BBPLL_I2C_FORCE_PD);
	REGISTER32(ANA_CONFIG_REG) &= ~ANA_I2C_BBPLL_M;
	REGISTER32(SYSTEM_CPU_PER_CONF_REG) |= SYSTEM_PLL_FREQ_SEL;
	REGISTER32(I2C_MST_ANA_CONF0_REG) = (REGISTER32(I2C_MST_ANA_CONF0_REG) & ~I2C_MST_BBPLL_STOP_FORCE_HIGH) | I2C_MST_BBPLL_STOP_FORCE_LOW;
	regi2c_impl_write(I2C_BBPLL, 0, I2C_BBPLL_MODE_HF, 0x6b);
	regi2c_impl_write(I2C_BBPLL, 0, I2C_BBPLL_OC_REF_DIV, 5 << 4);      /* I2C_BBPLL_OC_DCHGP 5, OC_REF_DIV 0 */
	regi2c_impl_write(I2C_BBPLL, 0, I2C_BBPLL_OC_DIV_7_0, 8);
	regi2c_impl_write_mask(I2C_BBPLL, 0, I2C_BBPLL_OC_DR1, 2, 0, 0);
	regi2c_impl_write_mask(I2C_BBPLL, 0, I2C_BBPLL_OC_DR1, 6, 4, 0);    /* I2C_BBPLL_OC_DR3 */
	regi2c_impl_write(I2C_BBPLL, 0, I2C_BBPLL_OC_DCUR, 2 << 6 | 1 << 4 | 3);
	regi2c_impl_write_mask(I2C_BBPLL, 0, I2C_BBPLL_OC_VCO_DBIAS, 1, 0, 2);
	regi2c_impl_write_mask(I2C_BBPLL, 0, I2C_BBPLL_OC_DCUR, 5, 4, 2);   /* I2C_BBPLL_OC_DHREF_SEL */
	regi2c_impl_write_mask(I2C_BBPLL, 0, I2C_BBPLL_OC_DCUR, 7, 6, 1);   /* I2C_BBPLL_OC_DLREF_SEL */
	REGISTER32(SYSTEM_CPU_PER_CONF_REG) = (REGISTER32(SYSTEM_CPU_PER_CONF_REG) & ~SYSTEM_CPUPERIOD_SEL_M) | 1;
	REGISTER32(SYSTEM_SYSCLK_CONF_REG) = (REGISTER32(SYSTEM_SYSCLK_CONF_REG) & ~SYSTEM_PRE_DIV_CNT_M & ~(3u << SYSTEM_SOC_CLK_SEL_S))
		| 1u << SYSTEM_SOC_CLK_SEL_S;
	ets_update_cpu_frequency(CPU_MHZ);
}
