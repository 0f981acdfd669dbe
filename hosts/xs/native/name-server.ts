/** The IPv4 address of the network's own DNS server: by DHCP, the boot configuration's `dns`, or the system's. Undefined if none is known. */
export function nameServer(): string | undefined {
	return native("xs_nameServer").call(undefined);
}
