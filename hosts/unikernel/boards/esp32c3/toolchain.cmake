# Debian's bare-metal RISC-V compiler with picolibc, for the ESP32-C3. The chip has no atomic instructions.
include(${CMAKE_CURRENT_LIST_DIR}/../virt/toolchain.cmake)
string(REPLACE rv32imac rv32imc CMAKE_C_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
foreach(kind ASM_FLAGS EXE_LINKER_FLAGS)
	string(REPLACE rv32imac rv32imc CMAKE_${kind}_INIT "${CMAKE_${kind}_INIT}")
endforeach()
