/*
 * The registers of the ESP32-C3 that this board touches, with the names and fields of Espressif's public headers
 * (esp-idf: components/soc/esp32c3/register/soc/FILE, named at each block) and the ROM's functions at the addresses of
 * components/esp_rom/esp32c3/ld/esp32c3.rom.ld.
 */
#ifndef VATLET_ESP32C3_REGISTERS_H
#define VATLET_ESP32C3_REGISTERS_H

#include <stdint.h>

#define REGISTER32(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define BIT(n) (1u << (n))

/* rtc_cntl_reg.h */
#define RTC_CNTL_OPTIONS0_REG 0x60008000u
#define RTC_CNTL_SW_SYS_RST BIT(31)
#define RTC_CNTL_BBPLL_FORCE_PD BIT(10)
#define RTC_CNTL_BBPLL_I2C_FORCE_PD BIT(8)
#define RTC_CNTL_BB_I2C_FORCE_PD BIT(6)
#define RTC_CNTL_ANA_CONF_REG 0x60008034u
#define RTC_CNTL_SAR_I2C_PU BIT(22)
#define RTC_CNTL_WDTCONFIG0_REG 0x60008090u
#define RTC_CNTL_WDTWPROTECT_REG 0x600080a8u
#define RTC_CNTL_SWD_CONF_REG 0x600080acu
#define RTC_CNTL_SWD_AUTO_FEED_EN BIT(31)
#define RTC_CNTL_SWD_WPROTECT_REG 0x600080b0u
#define RTC_CNTL_SENSOR_CTRL_REG 0x6000811cu
#define RTC_CNTL_FORCE_XPD_SAR_S 30
/* Keys of the write protections: RTC_CNTL_WDT_WKEY, RTC_CNTL_SWD_WKEY, TIMG_WDT_WKEY. */
#define WDT_WKEY 0x50d83aa1u
#define SWD_WKEY 0x8f1d312au

/* timer_group_reg.h */
#define TIMG_WDTCONFIG0_REG(i) (0x6001f048u + 0x1000u * (i))
#define TIMG_WDT_EN BIT(31)
#define TIMG_WDT_STG0_S 29
#define TIMG_WDT_CONF_UPDATE_EN BIT(22)
#define TIMG_WDTCONFIG1_REG(i) (0x6001f04cu + 0x1000u * (i))
#define TIMG_WDT_CLK_PRESCALE_S 16
#define TIMG_WDTCONFIG2_REG(i) (0x6001f050u + 0x1000u * (i))
#define TIMG_WDTFEED_REG(i) (0x6001f060u + 0x1000u * (i))
#define TIMG_WDTWPROTECT_REG(i) (0x6001f064u + 0x1000u * (i))

/* system_reg.h */
#define SYSTEM_CPU_PER_CONF_REG 0x600c0008u
#define SYSTEM_PLL_FREQ_SEL BIT(2)
#define SYSTEM_CPUPERIOD_SEL_M 3u
#define SYSTEM_PERIP_CLK_EN0_REG 0x600c0010u
#define SYSTEM_PERIP_RST_EN0_REG 0x600c0018u
#define SYSTEM_PERIP_CLK_EN1_REG 0x600c0014u
#define SYSTEM_TSENS_CLK_EN BIT(10)
#define SYSTEM_PERIP_RST_EN1_REG 0x600c001cu
#define SYSTEM_TSENS_RST BIT(10)
#define SYSTEM_APB_SARADC_CLK_EN BIT(28)
#define SYSTEM_APB_SARADC_RST BIT(28)
#define SYSTEM_TIMERGROUP_CLK_EN BIT(13)
#define SYSTEM_SYSCLK_CONF_REG 0x600c0058u
#define SYSTEM_SOC_CLK_SEL_S 10
#define SYSTEM_PRE_DIV_CNT_M 0x3ffu

/* systimer_reg.h: 16 MHz, whatever the CPU's clock is */
#define SYSTIMER_CONF_REG 0x60023000u
#define SYSTIMER_CLK_EN BIT(31)
#define SYSTIMER_TIMER_UNIT0_WORK_EN BIT(30)
#define SYSTIMER_TARGET0_WORK_EN BIT(24)
#define SYSTIMER_UNIT0_OP_REG 0x60023004u
#define SYSTIMER_TIMER_UNIT0_UPDATE BIT(30)
#define SYSTIMER_TIMER_UNIT0_VALUE_VALID BIT(29)
#define SYSTIMER_TARGET0_HI_REG 0x6002301cu
#define SYSTIMER_TARGET0_LO_REG 0x60023020u
#define SYSTIMER_TARGET0_CONF_REG 0x60023034u
#define SYSTIMER_UNIT0_VALUE_HI_REG 0x60023040u
#define SYSTIMER_UNIT0_VALUE_LO_REG 0x60023044u
#define SYSTIMER_COMP0_LOAD_REG 0x60023050u
#define SYSTIMER_INT_ENA_REG 0x60023064u
#define SYSTIMER_INT_CLR_REG 0x6002306cu
#define SYSTIMER_TARGET0_INT BIT(0)
#define SYSTIMER_TICKS_PER_US 16u

/* uart_reg.h, UART 0 */
#define UART_FIFO_REG 0x60000000u
#define UART_INT_ENA_REG 0x6000000cu
#define UART_INT_CLR_REG 0x60000010u
#define UART_RXFIFO_FULL_INT BIT(0)
#define UART_TXFIFO_EMPTY_INT BIT(1)
#define UART_RXFIFO_TOUT_INT BIT(8)
#define UART_CLKDIV_REG 0x60000014u
#define UART_CLKDIV_FRAG_S 20
#define UART_STATUS_REG 0x6000001cu
#define UART_RXFIFO_CNT_M 0x3ffu
#define UART_TXFIFO_CNT_S 16
#define UART_CONF1_REG 0x60000024u
#define UART_RX_TOUT_EN BIT(21)
#define UART_TXFIFO_EMPTY_THRHD_S 9
#define UART_CLK_CONF_REG 0x60000078u
#define UART_SCLK_SEL_S 20
#define UART_SCLK_DIV_NUM_S 12
#define UART_SCLK_SEL_XTAL 3u
#define UART_FIFO_BYTES 128u

/* usb_serial_jtag_reg.h */
#define USB_SERIAL_JTAG_EP1_REG 0x60043000u
#define USB_SERIAL_JTAG_EP1_CONF_REG 0x60043004u
#define USB_SERIAL_JTAG_WR_DONE BIT(0)
#define USB_SERIAL_JTAG_SERIAL_IN_EP_DATA_FREE BIT(1)
#define USB_SERIAL_JTAG_SERIAL_OUT_EP_DATA_AVAIL BIT(2)
#define USB_SERIAL_JTAG_INT_ENA_REG 0x60043010u
#define USB_SERIAL_JTAG_INT_CLR_REG 0x60043014u
#define USB_SERIAL_JTAG_SERIAL_OUT_RECV_PKT_INT BIT(2)
#define USB_SERIAL_JTAG_SERIAL_IN_EMPTY_INT BIT(3)

/* apb_saradc_reg.h */
#define APB_SARADC_CTRL_REG 0x60040000u
#define APB_SARADC_XPD_SAR_FORCE_S 27
#define APB_SARADC_SAR_PATT_LEN_S 15
#define APB_SARADC_SAR_CLK_DIV_S 7
#define APB_SARADC_SAR_CLK_GATED BIT(6)
#define APB_SARADC_CTRL2_REG 0x60040004u
#define APB_SARADC_TIMER_EN BIT(24)
#define APB_SARADC_TIMER_TARGET_S 12
#define APB_SARADC_FSM_WAIT_REG 0x6004000cu
#define APB_SARADC_STANDBY_WAIT_S 16
#define APB_SARADC_RSTB_WAIT_S 8
#define APB_SARADC_SAR_PATT_TAB1_REG 0x60040018u
#define APB_SARADC_DMA_CONF_REG 0x60040050u
#define APB_SARADC_APB_ADC_TRANS BIT(31)
#define APB_SARADC_APB_ADC_CLKM_CONF_REG 0x60040054u
#define APB_SARADC_CLK_SEL_S 21
#define APB_SARADC_CLK_EN BIT(20)

#define APB_SARADC_APB_TSENS_CTRL_REG 0x60040058u
#define APB_SARADC_TSENS_PU BIT(22)
#define APB_SARADC_TSENS_OUT_M 0xffu
#define APB_SARADC_APB_TSENS_CTRL2_REG 0x6004005cu
#define APB_SARADC_TSENS_CLK_SEL BIT(15)

/* gpio_reg.h, gpio_sig_map.h: registers of pin 0, and of the pins after it */
#define GPIO_OUT_W1TS_REG 0x60004008u
#define GPIO_OUT_W1TC_REG 0x6000400cu
#define GPIO_ENABLE_W1TS_REG 0x60004024u
#define GPIO_ENABLE_W1TC_REG 0x60004028u
#define GPIO_IN_REG 0x6000403cu
#define GPIO_STATUS_REG 0x60004044u
#define GPIO_STATUS_W1TC_REG 0x6000404cu
#define GPIO_PIN_REG(pin) (0x60004074u + 4u * (uint32_t)(pin))
#define GPIO_PIN_INT_ENA_S 13
#define GPIO_PIN_INT_TYPE_S 7
#define GPIO_PIN_PAD_DRIVER BIT(2)
#define GPIO_FUNC_OUT_SEL_CFG_REG(pin) (0x60004554u + 4u * (uint32_t)(pin))
#define GPIO_FUNC_OEN_SEL BIT(9)
#define SIG_GPIO_OUT_IDX 128u

/* io_mux_reg.h */
#define IO_MUX_GPIO_REG(pin) (0x60009004u + 4u * (uint32_t)(pin))
#define PIN_FUNC_GPIO 1u
#define MCU_SEL_S 12
#define FUN_DRV_S 10
#define FUN_IE BIT(9)
#define FUN_PU BIT(8)
#define FUN_PD BIT(7)

/* efuse_reg.h */
#define EFUSE_RD_SYS_PART1_DATA4_REG 0x6000886cu
#define EFUSE_BLK_VERSION_MAJOR_M 3u
#define EFUSE_TEMP_CALIB_S 3
#define EFUSE_TEMP_CALIB_V 0x1ffu

/* syscon_reg.h */
#define SYSCON_RND_DATA_REG 0x600260b0u

/* interrupt_core0_reg.h */
#define INTERRUPT_CORE0_GPIO_INTERRUPT_PRO_MAP_REG 0x600c2040u
#define INTERRUPT_CORE0_UART_INTR_MAP_REG 0x600c2054u
#define INTERRUPT_CORE0_USB_INTR_MAP_REG 0x600c2068u
#define INTERRUPT_CORE0_SYSTIMER_TARGET0_INT_MAP_REG 0x600c2094u
#define INTERRUPT_CORE0_CPU_INT_ENABLE_REG 0x600c2104u
#define INTERRUPT_CORE0_CPU_INT_TYPE_REG 0x600c2108u
#define INTERRUPT_CORE0_CPU_INT_PRI_REG(line) (0x600c2114u + 4u * (line))
#define INTERRUPT_CORE0_CPU_INT_THRESH_REG 0x600c2194u

/* regi2c_defs.h, regi2c_bbpll.h, regi2c_saradc.h: analog registers behind an internal I2C bus */
#define I2C_MST_ANA_CONF0_REG 0x6000e040u
#define I2C_MST_BBPLL_STOP_FORCE_HIGH BIT(2)
#define I2C_MST_BBPLL_STOP_FORCE_LOW BIT(3)
#define ANA_CONFIG_REG 0x6000e044u
#define ANA_I2C_BBPLL_M BIT(17)
#define ANA_I2C_SAR_FORCE_PD BIT(18)
#define ANA_CONFIG2_REG 0x6000e048u
#define ANA_I2C_SAR_FORCE_PU BIT(16)
#define I2C_BBPLL 0x66
#define I2C_BBPLL_OC_REF_DIV 2
#define I2C_BBPLL_OC_DIV_7_0 3
#define I2C_BBPLL_MODE_HF 4
#define I2C_BBPLL_OC_DR1 5
#define I2C_BBPLL_OC_DCUR 6
#define I2C_BBPLL_OC_VCO_DBIAS 9
#define I2C_SAR_ADC 0x69
#define ADC_SAR_DTEST_ADDR 7
#define I2C_SARADC_TSENS_DAC 6

/* esp32c3.rom.ld and rom.regi2c.ld. `esp32c3-rom.ld` beside this file gives the addresses. */
extern void Cache_Invalidate_ICache_All(void);
extern uint32_t Cache_Disable_ICache(void);
extern void Cache_Enable_ICache(uint32_t autoload);
extern int esp_rom_spiflash_erase_sector(uint32_t sector);
extern int esp_rom_spiflash_write(uint32_t address, const uint32_t *from, int32_t length);
extern int esp_rom_spiflash_read(uint32_t address, uint32_t *into, int32_t length);
extern int esp_rom_spiflash_unlock(void);
extern void ets_update_cpu_frequency(uint32_t ticks_per_us);
extern void regi2c_impl_write(uint8_t block, uint8_t host, uint8_t address, uint8_t data);
extern void regi2c_impl_write_mask(uint8_t block, uint8_t host, uint8_t address, uint8_t msb, uint8_t lsb, uint8_t data);

/* The compiler's multilib choice changes when zicsr is part of -march, hence the local switch. */
#define WITH_CSR(instruction) ".option push\n.option arch, +zicsr\n" instruction "\n.option pop"
#define csr_set(name, bits) __asm__ volatile(WITH_CSR("csrs " #name ", %0") :: "r"((uint32_t)(bits)) : "memory")
#define csr_clear(name, bits) __asm__ volatile(WITH_CSR("csrc " #name ", %0") :: "r"((uint32_t)(bits)) : "memory")
#define MSTATUS_MIE 8u

#define FLASH_DATA 0x3c000000u
#define FLASH_CODE 0x42000000u

/* Runs while the cache is off, that is from RAM. */
#define IN_RAM __attribute__((section(".iram.text"), noinline))

void clock_start(void);
void entropy_start(void);

#endif
