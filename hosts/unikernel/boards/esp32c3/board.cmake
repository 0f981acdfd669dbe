# This board talks to the computer that it was flashed from: its peers are vats with keys of our own kind.
set(VATLET_TLS_RSA OFF CACHE BOOL "accept peers with RSA keys")
set(VATLET_TLS_P384 OFF CACHE BOOL "accept peers with P-384 keys")
