/*
 * lwIP's limits. Each pool is a sum whose terms name their holders; nothing is taken from the C heap.
 */
#ifndef VATLET_LWIPOPTS_H
#define VATLET_LWIPOPTS_H

#ifndef NET_STREAMS
#define NET_STREAMS 6
#endif
#ifndef NET_LISTENERS
#define NET_LISTENERS 2
#endif

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_NETIF_API 0
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_DHCP 0
#define LWIP_DNS 0
#define LWIP_IPV6 0
#define LWIP_IGMP 0
#define LWIP_STATS 0
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_LOOPBACK 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_FORWARD 0
#define ARP_TABLE_SIZE 4
#define ARP_QUEUEING 0
#define LWIP_HOOK_FILENAME "net/hooks.h"

#define MEM_ALIGNMENT 4
#define MEM_SIZE 16384                    /* what was written and not yet acknowledged, with its headers */
#define LWIP_SUPPORT_CUSTOM_PBUF 1        /* received frames stay in the link layer's buffers */
#define PBUF_POOL_SIZE 1                  /* unused, but lwIP insists on a pool */
#define PBUF_POOL_BUFSIZE 64
#define MEMP_NUM_PBUF 2
#define LWIP_NETIF_TX_SINGLE_PBUF 0

#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 12
#define MEMP_NUM_TCP_SEG 32
/* Streams in use, and some that are still saying good-bye. */
#define MEMP_NUM_TCP_PCB (NET_STREAMS + 3)
#define MEMP_NUM_TCP_PCB_LISTEN NET_LISTENERS
#define TCP_LISTEN_BACKLOG 1
#define TCP_QUEUE_OOSEQ 0
#define TCP_OVERSIZE 0                    /* room for later bytes would cost a whole segment per small message */
#define TCP_SYNMAXRTX 4
#define TCP_MAXRTX 8
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1

#define LWIP_DISABLE_TCP_SANITY_CHECKS 1   /* they count the pool that is not used */
#define LWIP_CHECKSUM_ON_COPY 0
#define LWIP_NO_CTYPE_H 1

#endif
