import TCP from "embedded:io/socket/tcp";

/** A TCP listener, as ECMA-419 has it (`embedded:io/socket/listener`). */
export interface ListenerOptions {
	/** The interface's IPv4 address; all without. */
	address?: string;
	/** 0: any that is free. */
	port: number;
	/** Connections wait: read them until there is none. */
	onReadable?(this: Listener, count: number): void;
	onError?(this: Listener, reason: string): void;
}

class Listener extends Native("xs_listener_destructor") {
	constructor(options: ListenerOptions) {
		super();
		native("xs_listener").call(this, options);
	}
	/** The next connection, without callbacks: pass it as `from` to a new TCP. Undefined if none waits. */
	read(): TCP | undefined {
		const handle = this.accept();
		return handle < 0 ? undefined : new TCP(handle);
	}
	private accept(): number {
		return native("xs_listener_accept").call(this);
	}
	get port(): number {
		return native("xs_listener_get_port").call(this);
	}
	close(): void {
		return native("xs_listener_close").call(this);
	}
}
export default Listener;
