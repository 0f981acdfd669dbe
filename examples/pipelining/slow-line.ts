import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A line to `port` of this machine on which every byte takes `delayMs`, as to another continent. Returns its port, and what ends it. */
export async function slowLine(port: number, delayMs: number): Promise<{ port: number; close(): void }> {
	const ends = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(port, "127.0.0.1");
		carry(near, far, delayMs);
		carry(far, near, delayMs);
		ends.add(near).add(far);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const close = () => {
		server.close();
		for (const end of ends) end.destroy();
	};
	return { port: (server.address() as AddressInfo).port, close };
}

function carry(from: Socket, to: Socket, delayMs: number): void {
	from.setNoDelay(true);
	from.on("error", () => to.destroy());
	from.on("data", (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs));
	from.on("end", () => setTimeout(() => to.end(), delayMs));
}
