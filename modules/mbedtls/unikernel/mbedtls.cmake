# mbedTLS for the unikernel, out of Debian's source package.
#
# Included by hosts/xs/CMakeLists.txt. VATLET_MBEDTLS is the unpacked source tree. Gives the library `mbedtls_device`, whose include
# folders and configuration reach whoever links it. VATLET_TLS_FAST spends flash on speed where a
# handshake spends its time.
option(VATLET_TLS_FAST "compile the arithmetic of mbedTLS for speed" ON)
option(VATLET_TLS_RSA "accept peers with RSA keys" ON)
option(VATLET_TLS_P384 "accept peers with P-384 keys" ON)

set(mbedtls_names
	aes asn1parse asn1write bignum chacha20 chachapoly cipher cipher_wrap constant_time ecdh ecdsa ecp ecp_curves gcm hash_info
	md mps_trace oid pk pk_wrap pkparse pkwrite platform platform_util poly1305 psa_crypto psa_crypto_aead psa_crypto_cipher
	psa_crypto_client psa_crypto_driver_wrappers psa_crypto_ecp psa_crypto_hash psa_crypto_mac psa_crypto_rsa
	psa_crypto_slot_management psa_crypto_storage rsa rsa_internal sha256 sha512 ssl_ciphersuites ssl_cli ssl_msg ssl_srv ssl_tls
	x509 x509_crt)
set(mbedtls_sources)
foreach(name IN LISTS mbedtls_names)
	if(EXISTS ${VATLET_MBEDTLS}/library/${name}.c)
		list(APPEND mbedtls_sources ${VATLET_MBEDTLS}/library/${name}.c)
	endif()
endforeach()

add_library(mbedtls_device STATIC ${mbedtls_sources})
target_include_directories(mbedtls_device PUBLIC ${VATLET_MBEDTLS}/include ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(mbedtls_device PUBLIC MBEDTLS_CONFIG_FILE="mbedtls-config.h"
	$<$<BOOL:${VATLET_TLS_RSA}>:TLS_WITH_RSA> $<$<BOOL:${VATLET_TLS_P384}>:TLS_WITH_P384>)
target_compile_options(mbedtls_device PRIVATE -ffunction-sections -fdata-sections -Os)
if(VATLET_TLS_FAST)
	foreach(name bignum ecp ecp_curves sha256 aes gcm chacha20 poly1305)
		set_source_files_properties(${VATLET_MBEDTLS}/library/${name}.c PROPERTIES COMPILE_OPTIONS -O2)
	endforeach()
endif()
target_link_libraries(app PRIVATE mbedtls_device)
