# The host below the XS glue on bare rv32: start code, drivers, lwIP, the store. Defines the library `vatlet_host`, which an image links
# whole through its interface, and vatlet_image(target), which gives a target its link script and a flat image.
#
# APP_UDP and APP_DHCP say what an image needs of lwIP beyond TCP. VATLET_LWIP is the unpacked lwIP source tree, for boards with a network. Optional: VATLET_BOARD, VATLET_C_HEAP_BYTES, VATLET_C_STACK_BYTES,
# VATLET_FLOAT_PRINTF.
enable_language(ASM)
set(VATLET_UNIKERNEL ${CMAKE_CURRENT_LIST_DIR})
set(VATLET_BOARD "virt" CACHE STRING "Folder below boards/")
set(VATLET_C_HEAP_BYTES 16384 CACHE STRING "C heap in bytes at start: XS's own tables and an idle TLS session; it grows out of the XS pool")
set(VATLET_C_STACK_BYTES 6144 CACHE STRING "C stack in bytes")
option(VATLET_FLOAT_PRINTF "printf of C with %f, %e and %g: 7 KB of flash that neither the engine nor the glue uses" OFF)
set(VATLET_BOARD_FOLDER ${VATLET_UNIKERNEL}/boards/${VATLET_BOARD})
# Where a board's defaults differ from everybody's.
include(${VATLET_BOARD_FOLDER}/board.cmake OPTIONAL)

set(VATLET_HOST_INCLUDES ${VATLET_UNIKERNEL} ${VATLET_UNIKERNEL}/../xs/native)
if(VATLET_LWIP)
list(APPEND VATLET_HOST_INCLUDES ${VATLET_UNIKERNEL}/net ${VATLET_LWIP}/src/include)
set(LWIP_CORE ${VATLET_LWIP}/src/core)
add_library(vatlet_lwip OBJECT
	${LWIP_CORE}/init.c ${LWIP_CORE}/def.c ${LWIP_CORE}/inet_chksum.c ${LWIP_CORE}/ip.c ${LWIP_CORE}/mem.c ${LWIP_CORE}/memp.c
	${LWIP_CORE}/netif.c ${LWIP_CORE}/pbuf.c ${LWIP_CORE}/tcp.c ${LWIP_CORE}/tcp_in.c ${LWIP_CORE}/tcp_out.c ${LWIP_CORE}/timeouts.c
	$<$<OR:$<BOOL:${APP_UDP}>,$<BOOL:${APP_DHCP}>>:${LWIP_CORE}/udp.c> $<$<BOOL:${APP_DHCP}>:${LWIP_CORE}/ipv4/dhcp.c>
	${LWIP_CORE}/ipv4/etharp.c ${LWIP_CORE}/ipv4/icmp.c ${LWIP_CORE}/ipv4/ip4.c ${LWIP_CORE}/ipv4/ip4_addr.c
	${VATLET_LWIP}/src/netif/ethernet.c)
target_include_directories(vatlet_lwip PRIVATE ${VATLET_HOST_INCLUDES})
set(VATLET_NET_DEFINITIONS NET_UDP=$<BOOL:${APP_UDP}> NET_DHCP=$<BOOL:${APP_DHCP}>)
target_compile_definitions(vatlet_lwip PRIVATE ${VATLET_NET_DEFINITIONS})
set_source_files_properties(${LWIP_CORE}/ipv4/dhcp.c PROPERTIES COMPILE_DEFINITIONS LWIP_DNS=1)
target_compile_options(vatlet_lwip PRIVATE -Os -w)
file(GLOB VATLET_NET_SOURCES CONFIGURE_DEPENDS ${VATLET_UNIKERNEL}/net/*.c)
else()
add_library(vatlet_lwip INTERFACE)
endif()

file(GLOB VATLET_BOARD_SOURCES CONFIGURE_DEPENDS ${VATLET_BOARD_FOLDER}/*.c ${VATLET_BOARD_FOLDER}/*.S)
file(GLOB VATLET_SHARED_SOURCES CONFIGURE_DEPENDS ${VATLET_UNIKERNEL}/core/*.c ${VATLET_UNIKERNEL}/core/*.S ${VATLET_UNIKERNEL}/store/*.c)
add_library(vatlet_host OBJECT ${VATLET_BOARD_SOURCES} ${VATLET_SHARED_SOURCES} ${VATLET_NET_SOURCES})
target_include_directories(vatlet_host PRIVATE ${VATLET_HOST_INCLUDES} ${VATLET_BOARD_FOLDER})
target_include_directories(vatlet_host INTERFACE ${VATLET_UNIKERNEL}/../xs/native)
target_compile_definitions(vatlet_host PRIVATE ${VATLET_NET_DEFINITIONS} VATLET_HEAP_BYTES=${VATLET_C_HEAP_BYTES} INTERFACE HOST_TCP_MAX=8 GLUE_TIMERS=16)
target_compile_options(vatlet_host PRIVATE $<$<COMPILE_LANGUAGE:C>:-Os -g -Wall -Wextra -Werror -fno-builtin-malloc>)
set_source_files_properties(${VATLET_UNIKERNEL}/core/copy.c PROPERTIES COMPILE_OPTIONS "-O2;-fno-builtin;-fno-tree-loop-distribute-patterns")

# The application's image, the target app, is linked twice: see rom/rom-heap.h. The target device needs rom-heap.S and defaults.c,
# which the build writes after it has run app.
function(vatlet_image target)
	target_link_libraries(${target} PRIVATE vatlet_host vatlet_lwip)
	if(target STREQUAL "app")
		set(heap ${CMAKE_CURRENT_BINARY_DIR}/rom-heap.S ${CMAKE_CURRENT_BINARY_DIR}/defaults.c)
		set_source_files_properties(${heap} PROPERTIES GENERATED TRUE)
		set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/defaults.c PROPERTIES COMPILE_OPTIONS -w)
		add_executable(device EXCLUDE_FROM_ALL $<TARGET_OBJECTS:app> ${VATLET_UNIKERNEL}/rom/rom-start.c ${heap})
		foreach(property COMPILE_DEFINITIONS INCLUDE_DIRECTORIES COMPILE_OPTIONS LINK_LIBRARIES)
			set_property(TARGET device PROPERTY ${property} $<TARGET_PROPERTY:app,${property}>)
		endforeach()
		add_library(vatlet_capture OBJECT ${VATLET_UNIKERNEL}/rom/rom-capture.c)
		foreach(property COMPILE_DEFINITIONS INCLUDE_DIRECTORIES COMPILE_OPTIONS)
			set_property(TARGET vatlet_capture PROPERTY ${property} $<TARGET_PROPERTY:app,${property}>)
		endforeach()
		target_include_directories(app PRIVATE ${VATLET_UNIKERNEL}/rom)
		target_link_options(app PRIVATE $<TARGET_OBJECTS:vatlet_capture>)
		add_dependencies(app vatlet_capture)
		vatlet_flat_image(device)
	endif()
	vatlet_flat_image(${target})
endfunction()

function(vatlet_flat_image target)
	target_link_options(${target} PRIVATE -Wl,--gc-sections -L${VATLET_BOARD_FOLDER} -T${VATLET_BOARD_FOLDER}/link.ld
		-Wl,--defsym=__stack_size=${VATLET_C_STACK_BYTES} -Wl,-Map=$<TARGET_FILE:${target}>.map)
	if(NOT VATLET_FLOAT_PRINTF)
		target_link_options(${target} PRIVATE -Wl,--defsym=vfprintf=__i_vfprintf)
	endif()
	set_target_properties(${target} PROPERTIES SUFFIX .elf LINK_DEPENDS ${VATLET_BOARD_FOLDER}/link.ld)
	add_custom_command(TARGET ${target} POST_BUILD
		COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${target}> $<TARGET_FILE_DIR:${target}>/${target}.img VERBATIM)
endfunction()
