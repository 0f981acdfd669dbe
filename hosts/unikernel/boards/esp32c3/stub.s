/* What the ROM starts, from RAM: maps 4 MB of flash one to one and jumps behind the program's header. The numbers are ROM functions (esp32c3.rom.ld). */
	.section .text.stub, "ax"
	.globl	_stub
_stub:
	li	t0, 0x4000051c          /* Cache_Disable_ICache() */
	jalr	t0
	li	t0, 0x4000055c          /* Cache_MMU_Init() */
	jalr	t0
	li	t0, 0x40000564          /* Cache_Dbus_MMU_Set(0, address, flash, 64 KB, 64 pages, 0) */
	li	a1, 0x3c000000
	call	map
	li	t0, 0x40000560          /* Cache_Ibus_MMU_Set, likewise */
	li	a1, 0x42000000
	call	map
	li	t0, 0x600c4004          /* EXTMEM_ICACHE_CTRL1_REG: EXTMEM_ICACHE_SHUT_IBUS, EXTMEM_ICACHE_SHUT_DBUS */
	lw	t1, 0(t0)
	andi	t1, t1, -4
	sw	t1, 0(t0)
	li	a0, 0
	li	t0, 0x40000520          /* Cache_Enable_ICache(0) */
	jalr	t0
	li	t0, 0x42001040
	jr	t0
map:
	li	a0, 0
	li	a2, 0
	li	a3, 64
	li	a4, 64
	li	a5, 0
	jr	t0
