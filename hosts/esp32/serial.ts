/** `vatlet/serial` where the SDK's own serial class would have to be adapted: opening a line says that there is none. */
export default class Serial {
	readonly readable = 0;
	readonly writable = 0;

	constructor(options: { port: string }) {
		throw new Error("cannot open " + options.port + ": absent");
	}
	read(_buffer: Uint8Array, _offset: number, _max: number): number {
		return 0;
	}
	write(_buffer: Uint8Array, _offset: number, _length: number): number {
		return 0;
	}
	close(): void {}
}
