import type { Socket } from "node:net";
import { Connection, type ConnectionOptions } from "../../src/rpc/connection.js";
import type { Sender } from "../../src/rpc/state.js";
import { type ByteSource, FrameReader, FrameState, type Message } from "vatlet/runtime";

/** A connection over a socket of Node, as small as can be: what is ready together leaves in one write. */
export class SocketPeer implements Sender, ByteSource {
	readonly connection: Connection;
	readonly socket: Socket;
	readonly #reader: FrameReader;
	#out: Buffer = Buffer.allocUnsafe(65536);
	#view = new DataView(this.#out.buffer, this.#out.byteOffset, this.#out.length);
	#outLength = 0;
	#scheduled = false;
	#chunk: Buffer | null = null;
	#chunkAt = 0;

	constructor(socket: Socket, options: Omit<ConnectionOptions, "sender">) {
		this.socket = socket;
		this.connection = new Connection({ ...options, sender: this });
		this.#reader = new FrameReader(options.pools.messages);
		socket.setNoDelay(true);
		socket.on("data", (chunk: Buffer) => this.#received(chunk));
		socket.on("error", () => {});
		socket.on("close", () => this.connection.disconnected());
	}

	get queuedWords(): number {
		return (this.socket.writableLength + this.#outLength) / 8;
	}

	send(message: Message): void {
		const segments = message.segmentCount;
		const bytes = message.sizeWords * 8 + 8 + segments * 8;
		if (this.#outLength + bytes > this.#out.length) {
			this.#flush();
			if (bytes > this.#out.length) this.#grow(bytes);
		}
		this.#outLength += message.headerBytes(this.#view, this.#outLength);
		for (let i = 0; i < segments; i++) {
			const segment = message.segmentAt(i);
			this.#out.set(segment.bytes.subarray(segment.startByte, segment.endByte), this.#outLength);
			this.#outLength += segment.endByte - segment.startByte;
		}
		message.release();
		if (this.#scheduled) return;
		this.#scheduled = true;
		setImmediate(() => {
			this.#scheduled = false;
			this.#flush();
		});
	}

	shut(): void {
		this.#flush();
		this.socket.end();
	}

	read(into: Uint8Array, offset: number, max: number): number {
		const chunk = this.#chunk!;
		const count = Math.min(max, chunk.length - this.#chunkAt);
		chunk.copy(into, offset, this.#chunkAt, this.#chunkAt + count);
		this.#chunkAt += count;
		return count;
	}

	#received(chunk: Buffer): void {
		this.#chunk = chunk;
		this.#chunkAt = 0;
		try {
			while (this.#reader.pull(this) === FrameState.READY) this.connection.receive(this.#reader.take());
		} catch (error) {
			this.connection.caught(error);
		}
		// All that this chunk led to, at once: there is nothing to wait for.
		this.#flush();
	}

	#grow(bytes: number): void {
		this.#out = Buffer.allocUnsafe(bytes * 2);
		this.#view = new DataView(this.#out.buffer, this.#out.byteOffset, this.#out.length);
	}

	#flush(): void {
		if (this.#outLength === 0 || this.socket.destroyed) return;
		this.socket.write(this.#out.subarray(0, this.#outLength));
		this.#out = Buffer.allocUnsafe(Math.max(65536, this.#out.length));
		this.#view = new DataView(this.#out.buffer, this.#out.byteOffset, this.#out.length);
		this.#outLength = 0;
	}
}
