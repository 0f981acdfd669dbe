# Debian's bare-metal RISC-V compiler with picolibc, for QEMU's virt machine.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_OBJCOPY riscv64-unknown-elf-objcopy)
set(CMAKE_SIZE riscv64-unknown-elf-size)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
# Calls in place of the instructions that save registers: 5 % less flash.
set(VATLET_MACHINE_FLAGS "-march=rv32imac -mabi=ilp32 -msave-restore --specs=picolibc.specs")
set(CMAKE_C_FLAGS_INIT "${VATLET_MACHINE_FLAGS} -ffunction-sections -fdata-sections -fno-common")
set(CMAKE_ASM_FLAGS_INIT "${VATLET_MACHINE_FLAGS}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostartfiles -Wl,--gc-sections")
