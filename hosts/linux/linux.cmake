# The Linux host as the target `vatlet_host`; included by hosts/xs/CMakeLists.txt.
set(VATLET_LINUX host clock loop tcp udp serial pins store stop)
list(TRANSFORM VATLET_LINUX PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
list(TRANSFORM VATLET_LINUX APPEND .c)
add_library(vatlet_host STATIC ${VATLET_LINUX})
target_include_directories(vatlet_host PUBLIC ${CMAKE_CURRENT_LIST_DIR}/../xs/native ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(vatlet_host PRIVATE _GNU_SOURCE)
target_compile_options(vatlet_host PRIVATE -Wall -Wextra)
