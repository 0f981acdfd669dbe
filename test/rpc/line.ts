import { type Call, type Hook, Pools, type Server } from "vatlet/runtime";
import { checkEmpty, End, Provider } from "./pair.js";

/** A client that reaches a server through a proxy: three vats, two connections, whose messages are delivered by hand. */
export function line(root: Server, clientRoot: Server | null = null) {
	const pools = new Pools({ guarded: true });
	const serverRoot = new Provider(root.hook);
	const clientProvider = clientRoot === null ? null : new Provider(clientRoot.hook);
	const client = new End("client", clientProvider, {}, { guarded: true });
	/** What the proxy gives its client. */
	let forwarded: Hook | null = null;
	const near = new End(
		"proxy to client",
		{
			bootstrap(call: Call): void {
				call.resultsAny().setHook(forwarded);
				call.done();
			},
		},
		{},
		pools,
	);
	const far = new End("proxy to server", null, {}, pools);
	const server = new End("server", serverRoot, {}, { guarded: true });
	client.peer = near;
	near.peer = client;
	far.peer = server;
	server.peer = far;
	const all = [client, near, far, server];
	const l = {
		client,
		near,
		far,
		server,
		/** The server's root, as the client has it. The proxy forgets it. */
		root(): Hook {
			forwarded = far.connection.bootstrap();
			l.settle();
			const hook = client.connection.bootstrap();
			l.settle();
			forwarded.release();
			forwarded = null;
			return hook;
		},
		/** Delivers until nothing is on its way. */
		settle(): void {
			for (let moved = 1; moved > 0;) {
				moved = 0;
				for (const end of all) moved += end.takeAll();
			}
		},
		end(): void {
			l.settle();
			serverRoot.hook.release();
			if (clientProvider !== null) clientProvider.hook.release();
			for (const end of all) checkEmpty(end);
		},
	};
	return l;
}
