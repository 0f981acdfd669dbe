/* Devices of QEMU's virt machine and the machine-mode registers of RV32. */
#ifndef VATLET_REGISTERS_H
#define VATLET_REGISTERS_H

#include <stdint.h>

#define REGISTER8(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define REGISTER32(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define FINISHER 0x00100000u
#define CLINT 0x02000000u
#define PLIC 0x0c000000u
#define UART 0x10000000u
#define VIRTIO_FIRST 0x10001000u
#define VIRTIO_STRIDE 0x1000u
#define VIRTIO_SLOTS 8
#define FLASH_CODE 0x20000000u
#define FLASH_STORE 0x22000000u
#define FLASH_UNIT_BYTES 0x02000000u
#define RAM 0x80000000u

/* The compiler's multilib choice changes when zicsr is part of -march, hence the local switch. */
#define WITH_CSR(instruction) ".option push\n.option arch, +zicsr\n" instruction "\n.option pop"
#define csr_read(name) ({ uint32_t value_; __asm__ volatile(WITH_CSR("csrr %0, " #name) : "=r"(value_) :: "memory"); value_; })
#define csr_write(name, value) __asm__ volatile(WITH_CSR("csrw " #name ", %0") :: "r"((uint32_t)(value)) : "memory")
#define csr_set(name, bits) __asm__ volatile(WITH_CSR("csrs " #name ", %0") :: "r"((uint32_t)(bits)) : "memory")
#define csr_clear(name, bits) __asm__ volatile(WITH_CSR("csrc " #name ", %0") :: "r"((uint32_t)(bits)) : "memory")

#define MSTATUS_MIE 8u
#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)

#define memory_barrier() __asm__ volatile("fence iorw, iorw" ::: "memory")

#endif
