#include "host.h"
int host_store_open(int reset){(void)reset;return HOST_ABSENT;}
int host_store_get(const char*d,const char*k,uint8_t*i,size_t m){(void)d;(void)k;(void)i;(void)m;return HOST_ABSENT;}
int host_store_put(const char*d,const char*k,const uint8_t*i,size_t m){(void)d;(void)k;(void)i;(void)m;return HOST_ABSENT;}
