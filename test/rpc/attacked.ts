import { pair, type TestServer } from "./pair.js";

/** A pair whose client is played by hand; the server's capability is export 0. */
export function attacked(server: TestServer, limits = {}, pools = {}) {
	const p = pair(server, null, { limits, pools });
	const hook = p.root();
	return {
		p,
		hook,
		victim: p.server,
		/** What the victim sent meanwhile. */
		replies(): string[] {
			p.server.outbox.length = 0;
			return p.server.sentLines.splice(0);
		},
		/** The peer leaves; nothing may stay. */
		end(): void {
			p.server.connection.disconnected();
			p.client.connection.disconnected();
			for (const side of [p.client, p.server]) side.outbox.length = side.sentLines.length = 0;
			p.server.thrown = null;
			hook.release();
			p.end();
		},
	};
}
