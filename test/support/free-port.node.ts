import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** How many ports before the system's own are drawn from. */
const PORTS = 8000;

/**
 * A port of 127.0.0.1 that nobody uses, out of those that nobody is given who asks for any: it stays free until it is bound, and again
 * between two that bind it. One of the system's choice could meanwhile be somebody's, be it only to dial from.
 */
export async function freePort(): Promise<number> {
	const [first] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
	for (let attempt = 0; attempt < 100; attempt++) {
		const port = Math.max(first! - PORTS, 1024) + Math.floor(Math.random() * PORTS);
		if (await canListen(port)) return port;
	}
	throw new Error("no port is free");
}

function canListen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}
