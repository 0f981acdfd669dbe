import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import Resource from "Resource";
import { bytesOf, textOf } from "web/text";

/** One request, then what it asked for, then the end. The body is sent from where it lies. */
class Exchange {
	constructor(from, routes, done) {
		this.routes = routes;
		this.request = "";
		this.body = null;
		this.offset = 0;
		this.done = done;
		const exchange = this;
		new TCP({
			from,
			onReadable() {
				exchange.read(this);
			},
			onWritable(room) {
				exchange.write(this, room);
			},
		});
	}
	read(socket) {
		this.request += textOf(socket.read());
		if (this.body !== null || !this.request.includes("\r\n\r\n")) return;
		const path = this.request.split(" ")[1];
		const name = this.routes[path] ?? path.slice(1);
		const found = Resource.exists(name);
		this.body = new Resource(found ? name : "missing.txt");
		socket.write(
			bytesOf(`HTTP/1.0 ${found ? "200 OK" : "404 Not Found"}\r\nContent-Length: ${this.body.byteLength}\r\n\r\n`),
		);
		this.write(socket, socket.writable);
	}
	write(socket, room) {
		if (this.body === null) return;
		const end = Math.min(this.body.byteLength, this.offset + room);
		socket.write(this.body.slice(this.offset, end, false));
		this.offset = end;
		if (end < this.body.byteLength) return;
		this.body = null;
		socket.close();
		this.done(this.request.split(" ")[1]);
	}
}

export function serve(port, routes, done) {
	return new Listener({
		port,
		onReadable(count) {
			while (count-- > 0) new Exchange(this.read(), routes, done);
		},
	});
}
