/*
 * Reset and trap entry for one hart in machine mode. The C stack lies at the bottom of RAM, so that an overflow runs into the
 * protected page below it instead of into somebody's data.
 */
	.option arch, +zicsr

	.section .text.start, "ax"
	.globl _start
_start:
	csrw	mie, zero
	csrci	mstatus, 8
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	la	t0, trap_entry
	csrw	mtvec, t0
	la	t0, trap_stack_top
	csrw	mscratch, t0
	la	sp, __stack_top
	la	tp, __tls_base

	la	t0, __stack_bottom
	li	t1, 0xa5a5a5a5
1:	sw	t1, 0(t0)
	addi	t0, t0, 4
	bltu	t0, sp, 1b

	la	t0, __data_source
	la	t1, __data_start
	la	t2, __data_end
	bgeu	t1, t2, 3f
2:	lw	t3, 0(t0)
	sw	t3, 0(t1)
	addi	t0, t0, 4
	addi	t1, t1, 4
	bltu	t1, t2, 2b

3:	la	t0, __bss_start
	la	t1, __bss_end
4:	sw	zero, 0(t0)
	addi	t0, t0, 4
	bltu	t0, t1, 4b

	call	board_start
	li	a0, 0
	li	a1, 0
	call	main
	call	host_exit
5:	j	5b

	.text
	/* uintptr_t first_fault(uintptr_t from, uintptr_t step): the first address that traps when it is read. */
	.globl	first_fault
	.align	2
first_fault:
	la	t0, 2f
	csrrw	t2, mtvec, t0
1:	lw	t1, 0(a0)
	add	a0, a0, a1
	j	1b
	.align	2
2:	csrw	mtvec, t2
	ret

	/* A trap runs on its own stack: sp may be what is broken. The frame: pc, x1 to x31, mcause, mtval. */
	.align	2
trap_entry:
	csrrw	sp, mscratch, sp
	addi	sp, sp, -144
	sw	x1, 4(sp)
	sw	x3, 12(sp)
	sw	x4, 16(sp)
	sw	x5, 20(sp)
	sw	x6, 24(sp)
	sw	x7, 28(sp)
	sw	x8, 32(sp)
	sw	x9, 36(sp)
	sw	x10, 40(sp)
	sw	x11, 44(sp)
	sw	x12, 48(sp)
	sw	x13, 52(sp)
	sw	x14, 56(sp)
	sw	x15, 60(sp)
	sw	x16, 64(sp)
	sw	x17, 68(sp)
	sw	x18, 72(sp)
	sw	x19, 76(sp)
	sw	x20, 80(sp)
	sw	x21, 84(sp)
	sw	x22, 88(sp)
	sw	x23, 92(sp)
	sw	x24, 96(sp)
	sw	x25, 100(sp)
	sw	x26, 104(sp)
	sw	x27, 108(sp)
	sw	x28, 112(sp)
	sw	x29, 116(sp)
	sw	x30, 120(sp)
	sw	x31, 124(sp)
	csrr	t0, mscratch
	sw	t0, 8(sp)
	csrr	t0, mepc
	sw	t0, 0(sp)
	csrr	t0, mcause
	sw	t0, 128(sp)
	csrr	t0, mtval
	sw	t0, 132(sp)
	la	t0, trap_stack_top
	csrw	mscratch, t0
	mv	a0, sp
	call	board_trap
1:	j	1b

	.section .bss.trap_stack, "aw", @nobits
	.align	4
trap_stack:
	.skip	1536
trap_stack_top:
