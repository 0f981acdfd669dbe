/*
 * From the stub to main, and traps. Flash is mapped; nothing else is set up. The vector table is in RAM, since an interrupt may come while the
 * cache is off.
 */
	.option arch, +zicsr

	.section .text.start, "ax"
	.globl	_start
_start:
	csrci	mstatus, 8
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	la	sp, __stack_top
	la	tp, __tls_base

	la	t0, __iram_source
	la	t1, __iram_start
	la	t2, __iram_end
	call	copy
	la	t0, __data_source
	la	t1, __data_start
	la	t2, __data_end
	call	copy
	la	t0, __stack_bottom
	li	t1, 0xa5a5a5a5
1:	sw	t1, 0(t0)
	addi	t0, t0, 4
	bltu	t0, sp, 1b
	la	t0, __bss_start
	la	t1, __bss_end
2:	sw	zero, 0(t0)
	addi	t0, t0, 4
	bltu	t0, t1, 2b

	la	t0, vectors
	ori	t0, t0, 1               /* this core knows vectored traps alone */
	csrw	mtvec, t0
	la	t0, trap_stack_top
	csrw	mscratch, t0
	call	board_start
	li	a0, 0
	li	a1, 0
	call	main
	call	host_exit
3:	j	3b

copy:
	bgeu	t1, t2, 5f
4:	lw	t3, 0(t0)
	sw	t3, 0(t1)
	addi	t0, t0, 4
	addi	t1, t1, 4
	bltu	t1, t2, 4b
5:	ret

	.section .iram.text, "ax"
	.balign	256
	.option push
	.option norvc
vectors:
	j	trap_entry              /* exceptions */
	.rept 31
	j	interrupt_entry
	.endr
	.option pop

	/* Saves what a C function may change. */
interrupt_entry:
	addi	sp, sp, -80
	sw	ra, 0(sp)
	sw	t0, 4(sp)
	sw	t1, 8(sp)
	sw	t2, 12(sp)
	sw	a0, 16(sp)
	sw	a1, 20(sp)
	sw	a2, 24(sp)
	sw	a3, 28(sp)
	sw	a4, 32(sp)
	sw	a5, 36(sp)
	sw	a6, 40(sp)
	sw	a7, 44(sp)
	sw	t3, 48(sp)
	sw	t4, 52(sp)
	sw	t5, 56(sp)
	sw	t6, 60(sp)
	call	board_interrupt
	lw	ra, 0(sp)
	lw	t0, 4(sp)
	lw	t1, 8(sp)
	lw	t2, 12(sp)
	lw	a0, 16(sp)
	lw	a1, 20(sp)
	lw	a2, 24(sp)
	lw	a3, 28(sp)
	lw	a4, 32(sp)
	lw	a5, 36(sp)
	lw	a6, 40(sp)
	lw	a7, 44(sp)
	lw	t3, 48(sp)
	lw	t4, 52(sp)
	lw	t5, 56(sp)
	lw	t6, 60(sp)
	addi	sp, sp, 80
	mret

	/* An exception ends the run: only where it happened is kept. sp may be what is broken. */
trap_entry:
	csrrw	sp, mscratch, sp
	csrr	a0, mcause
	csrr	a1, mepc
	csrr	a2, mtval
	mv	a3, ra
	la	t0, board_exception
	jr	t0

	.section .bss.trap_stack, "aw", @nobits
	.align	4
	.skip	1024
trap_stack_top:
