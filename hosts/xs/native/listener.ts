import TCP from "embedded:io/socket/tcp";

/** A TCP listener, as ECMA-419 has it (`embedded:io/socket/listener`). */
export interface ListenerOptions {
	/** The interface's IPv4 address; all without. */
	address?: string;
	/** 0, or without: any that is free, which the listener's `port` says. */
	port?: number;
	format?: "socket/tcp";
	/** For the program's own use: the listener's `target`. */
	target?: unknown;
	/** Connections wait: read them until there is none. */
	onReadable?(this: Listener, count: number): void;
	onError?(this: Listener, reason: string): void;
}

class Listener extends Native("xs_listener_destructor") {
	declare target?: unknown;

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
	/** What `read` gives: there is one kind. */
	get format(): "socket/tcp" {
		return "socket/tcp";
	}
	set format(format: "socket/tcp") {
		if (format !== "socket/tcp") throw new RangeError(`format ${format} is not socket/tcp, the only one`);
	}
	get port(): number {
		return native("xs_listener_get_port").call(this);
	}
	close(): void {
		return native("xs_listener_close").call(this);
	}
}
export default Listener;
