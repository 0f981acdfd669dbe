/* lwIP between the link layer and the streams: frames without copies, timers, the address. */
#include <stdio.h>
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include "board.h"
#include "host.h"
#include "core/config.h"
#include "net/link.h"
#include "net/net.h"
#include "net/stream.h"

/* Then the application gets its turn, however much a peer sends. */
#define FRAMES_PER_POLL 16

#if LWIP_UDP
#define TURN_IS_OVER() udp_take_filled()
#else
#define TURN_IS_OVER() false
#endif

static struct netif interface;
/* Frames on loan from the link layer; the streams copy what is in them, so that none stays away. */
static struct pbuf_custom received[LINK_RECEIVE_BUFFERS];
static uint32_t bytes_in, bytes_out;
static int frames_leaving;

u32_t sys_now(void)
{
	return (u32_t)(board_now_us() / 1000);
}

uint32_t net_random(void)
{
	uint32_t value;
	if (board_entropy((uint8_t *)&value, sizeof value) != HOST_OK)
		panic("entropy", "the hardware random source does not answer", PANIC_ENTROPY);
	return value;
}

static void give_back(struct pbuf *pbuf)
{
	link_return((int)((struct pbuf_custom *)pbuf - received));
}

static bool take_frame(void)
{
	uint8_t *frame;
	size_t length;
	int buffer = link_receive(&frame, &length);
	if (buffer < 0)
		return false;
	received[buffer].custom_free_function = give_back;
	struct pbuf *pbuf = pbuf_alloced_custom(PBUF_RAW, (u16_t)length, PBUF_REF, &received[buffer], frame, LINK_FRAME_BYTES);
	bytes_in += (uint32_t)length;
	if (pbuf == NULL)
		link_return(buffer);
	else if (interface.input(pbuf, &interface) != ERR_OK)
		pbuf_free(pbuf);
	return true;
}

/* The link layer reads the segment while it is sent; lwIP leaves a segment alone as long as someone else holds it. */
static err_t send_frame(struct netif *netif, struct pbuf *pbuf)
{
	(void)netif;
	struct link_slice slices[LINK_SLICES];
	int count = 0;
	pbuf_ref(pbuf);
	if (pbuf_clen(pbuf) > LINK_SLICES) {
		struct pbuf *flat = pbuf_clone(PBUF_RAW, PBUF_RAM, pbuf);
		pbuf_free(pbuf);
		if (flat == NULL)
			return ERR_MEM;
		pbuf = flat;
	}
	for (struct pbuf *each = pbuf; each != NULL; each = each->next)
		slices[count++] = (struct link_slice){ each->payload, each->len };
	uint32_t length = pbuf->tot_len;
	if (link_send(slices, count, pbuf) != HOST_OK) {
		pbuf_free(pbuf);
		return ERR_BUF;
	}
	frames_leaving++;
	bytes_out += length;
	return ERR_OK;
}

void net_free_sent(void)
{
	struct pbuf *pbuf;
	while ((pbuf = link_sent()) != NULL) {
		pbuf_free(pbuf);
		frames_leaving--;
	}
	if (frames_leaving == 0)
		rings_free();
}

static err_t set_up(struct netif *netif)
{
	netif->name[0] = 'e';
	netif->name[1] = 'n';
	netif->output = etharp_output;
	netif->linkoutput = send_frame;
	netif->mtu = 1500;
	netif->hwaddr_len = 6;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

/* QEMU's user network has it there. */
static uint8_t name_server[4] = { 10, 0, 2, 3 };

int host_name_server(uint8_t address[4])
{
	memcpy(address, name_server, 4);
	return HOST_OK;
}

#if LWIP_DHCP

#define LEASE_SECONDS 15

/* Called by lwIP's DHCP, with what the lease says. */
void dns_setserver(u8_t number, const ip_addr_t *address)
{
	if (number == 0 && !ip_addr_isany(address))
		memcpy(name_server, address, 4);
}

/* Programs begin with the network up. Without an answer they begin all the same: DHCP goes on asking, and dials fail meanwhile. */
static void lease(void)
{
	uint64_t until_us = board_now_us() + LEASE_SECONDS * 1000000ull;
	if (dhcp_start(&interface) != ERR_OK)
		panic("network", "there is no memory for DHCP", PANIC_DEVICE);
	while (!dhcp_supplied_address(&interface) && board_now_us() < until_us) {
		uint64_t next_us = net_poll();
		board_watchdog(config_number("watchdog", 0));
		if (next_us > board_now_us())
			board_idle(next_us < until_us ? next_us : until_us);
	}
	if (dhcp_supplied_address(&interface))
		printf("network: %s by DHCP\n", ip4addr_ntoa(netif_ip4_addr(&interface)));
	else
		printf("network: nobody gives addresses (DHCP); asking goes on\n");
}

#endif

void net_start(void)
{
	static const uint8_t defaults[3][4] = { { 10, 0, 2, 15 }, { 255, 255, 255, 0 }, { 10, 0, 2, 2 } };
	static const char *const names[3] = { "address", "netmask", "gateway" };
	ip4_addr_t addresses[3];
	for (int i = 0; i < 3; i++) {
		uint8_t part[4];
		memcpy(part, defaults[i], 4);
		if (config_text(names[i]) != NULL && !config_address(names[i], part))
			panic("config", "address, netmask and gateway are written a.b.c.d", PANIC_CONFIG);
		IP4_ADDR(&addresses[i], part[0], part[1], part[2], part[3]);
	}
	int result = link_open(interface.hwaddr);
	if (result == HOST_FAILED)
		panic("virtio", "the network device refused the driver", PANIC_DEVICE);
	lwip_init();
	netif_add(&interface, &addresses[0], &addresses[1], &addresses[2], NULL, set_up, ethernet_input);
	netif_set_default(&interface);
	if (result == HOST_OK)
		netif_set_up(&interface);
#if LWIP_DHCP
	/* An address of the boot configuration is meant. */
	if (result == HOST_OK && config_text("address") == NULL) {
		netif_set_addr(&interface, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
		lease();
	}
#endif
}

/* When memory is short and no acknowledgement will tell that there is some. */
#define RETRY_US 10000u

static uint64_t next_turn(bool heard)
{
	u32_t sleep_ms = sys_timeouts_sleeptime();
	uint64_t now_us = board_now_us();
	uint64_t timer_us = sleep_ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? UINT64_MAX : now_us + (uint64_t)sleep_ms * 1000u;
	return heard || timer_us < now_us + RETRY_US ? timer_us : now_us + RETRY_US;
}

uint64_t net_poll(void)
{
	bool more = true;
	streams_output();
	net_free_sent();
	for (int frames = 0; frames < FRAMES_PER_POLL && more && !TURN_IS_OVER(); frames++)
		more = take_frame();
	sys_check_timeouts();
	bool heard = streams_output();
	return more ? 0 : next_turn(heard);
}

uint32_t net_bytes_in(void)
{
	return bytes_in;
}

uint32_t net_bytes_out(void)
{
	return bytes_out;
}
