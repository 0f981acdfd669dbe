# The Linux host as the target `vatlet_host`; included by hosts/xs/CMakeLists.txt.
add_library(vatlet_host STATIC ${CMAKE_CURRENT_LIST_DIR}/host.c ${CMAKE_CURRENT_LIST_DIR}/tcp.c ${CMAKE_CURRENT_LIST_DIR}/serial.c ${CMAKE_CURRENT_LIST_DIR}/pins.c ${CMAKE_CURRENT_LIST_DIR}/store.c)
target_include_directories(vatlet_host PUBLIC ${CMAKE_CURRENT_LIST_DIR}/../xs/native ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(vatlet_host PRIVATE _GNU_SOURCE)
target_compile_options(vatlet_host PRIVATE -Wall -Wextra)
