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
/* Whether the application's code opens a UDP socket, whether its manifest asks for an address by DHCP. */
#ifndef NET_UDP
#define NET_UDP 0
#endif
#ifndef NET_DHCP
#define NET_DHCP 0
#endif
#define LWIP_UDP (NET_UDP || NET_DHCP)
#define LWIP_DHCP NET_DHCP
/* HOST_UDP_MAX, and DHCP's own. */
#define MEMP_NUM_UDP_PCB 5
#define UDP_TTL 64
/* DHCP alone is compiled as if there were a resolver, so that it asks for the server; that is for JavaScript's. */
#ifndef LWIP_DNS
#define LWIP_DNS 0
#endif
#define DNS_MAX_SERVERS 1
#define LWIP_IPV6 0
#define LWIP_IGMP 0
#define LWIP_STATS 0
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_LOOPBACK 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_FORWARD 0
#define ARP_TABLE_SIZE 4
/* Several peers behind one gateway that come at once are all answered when its address is known. */
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN MEMP_NUM_TCP_PCB
#define MEMP_NUM_ARP_QUEUE MEMP_NUM_TCP_PCB
/* What waits for an address is copied, unless it is lwIP's own: a ring may be gone by then. */
#define PBUF_NEEDS_COPY(pbuf) (!((pbuf)->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS))
#define LWIP_HOOK_FILENAME "net/hooks.h"

/* A stream's ring for each direction. */
#define NET_RING_BYTES 2048
/* Closed streams whose last bytes are not acknowledged yet. */
#define NET_LINGERING 3
/* Of each connection: what is on its way. A piece of a ring takes a header, and itself, twice where the ring wraps. */
#define STREAM_SEGMENTS 3
#define SEGMENT_PBUFS 3
/* Memory of a header: lwIP's heap's own words, its pbuf, Ethernet, IP and TCP. */
#define HEADER_BYTES 80
/* Headers that are not of a stream's bytes: acknowledgements, starts, ends and resets, ARP. */
#define OTHER_HEADERS 8

#define MEM_ALIGNMENT 4
/* A datagram of full size that is being sent, with its headers. */
#define DATAGRAM_BYTES (1500 + HEADER_BYTES)
/* All that every connection may have on its way, and one segment that a small window cuts in two. */
#define MEM_SIZE ((MEMP_NUM_TCP_SEG) * HEADER_BYTES + HEADER_BYTES + TCP_MSS + LWIP_UDP * DATAGRAM_BYTES)
#define LWIP_SUPPORT_CUSTOM_PBUF 1        /* received frames stay in the link layer's buffers */
#define PBUF_POOL_SIZE 1                  /* unused, but lwIP insists on a pool */
#define PBUF_POOL_BUFSIZE 64
#define MEMP_NUM_PBUF (MEMP_NUM_TCP_PCB * (STREAM_SEGMENTS + 1))
#define LWIP_NETIF_TX_SINGLE_PBUF 0

#define TCP_MSS (NET_RING_BYTES / 2)      /* while one segment is under way the next is filled */
#define TCP_WND NET_RING_BYTES
#define TCP_SND_BUF NET_RING_BYTES
#define TCP_SND_QUEUELEN (2 * STREAM_SEGMENTS)
#define MEMP_NUM_TCP_SEG (MEMP_NUM_TCP_PCB * STREAM_SEGMENTS + OTHER_HEADERS)
#define MEMP_NUM_TCP_PCB (NET_STREAMS + NET_LINGERING)
#define MEMP_NUM_TCP_PCB_LISTEN NET_LISTENERS
#define TCP_LISTEN_BACKLOG 1
#define TCP_QUEUE_OOSEQ 0
#define TCP_OVERSIZE 0
#define TCP_SYNMAXRTX 4
#define TCP_MAXRTX 8
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1

#define LWIP_DISABLE_TCP_SANITY_CHECKS 1   /* they count the pool that is not used */
#define LWIP_CHECKSUM_ON_COPY 0
#define LWIP_NO_CTYPE_H 1

#endif
