import { toBase64Url } from "../../src/base/base64url.js";
import { sameDigest } from "../../src/net/identity.js";
import type { Machine } from "../../src/ports/machine.js";
import type { Endpoint, Listener, PeerTransport } from "../../src/ports/network.js";
import type { TransportError } from "../../src/ports/transport.js";

export interface MachineTraits {
	/** Whether it can dial itself. */
	loopback: boolean;
	/** Bytes of the largest record that its store has to hold. */
	recordBytes: number;
	/** How many records its store can hold, where that is few enough to try. */
	recordsMax?: number;
}

/** What every host promises of its ports; the same text for each. */
export function describeMachine(name: string, open: () => Machine | Promise<Machine>, traits: MachineTraits): void {
	describe(`the machine ${name}`, () => {
		let machine: Machine;

		beforeAll(async () => {
			machine = await open();
		});

		describe("store", () => {
			const bytes = (length: number, first: number) => {
				const made = new Uint8Array(length);
				for (let i = 0; i < length; i++) made[i] = (first + i * 7) & 255;
				return made;
			};
			const store = () => machine.store!;
			const read = (key: string) => {
				const length = store().get("contract", key, new Uint8Array(0));
				if (length < 0) return null;
				const into = new Uint8Array(length);
				expect(store().get("contract", key, into)).toBe(length);
				return into;
			};
			const keys = () => {
				const found: string[] = [];
				for (let i = 0; ; i++) {
					const key = store().keyAt("contract", i);
					if (key === null) return found.sort();
					found.push(key);
				}
			};

			afterEach(() => {
				for (const key of keys()) store().remove("contract", key);
			});

			it("gives back what was put, whole and replaced", () => {
				expect(read("a")).toBeNull();
				store().put("contract", "a", bytes(5, 1), 5);
				expect(read("a")).toEqual(bytes(5, 1));
				store().put("contract", "a", bytes(9, 2), 3);
				expect(read("a")).toEqual(bytes(3, 2));
			});

			it("holds empty records and large ones, and copies no more than fits", () => {
				store().put("contract", "empty", new Uint8Array(0), 0);
				expect(read("empty")).toEqual(new Uint8Array(0));
				store().put("contract", "large", bytes(traits.recordBytes, 3), traits.recordBytes);
				expect(read("large")).toEqual(bytes(traits.recordBytes, 3));
				const into = new Uint8Array(4);
				expect(store().get("contract", "large", into)).toBe(traits.recordBytes);
				expect(into).toEqual(bytes(4, 3));
			});

			it("removes, and says whether there was anything", () => {
				store().put("contract", "a", bytes(1, 1), 1);
				expect(store().remove("contract", "a")).toBe(true);
				expect(store().remove("contract", "a")).toBe(false);
				expect(read("a")).toBeNull();
			});

			if (traits.recordsMax !== undefined)
				it("says that it is full, and keeps all that it took", () => {
					let taken = 0;
					const putNext = () => store().put("contract", `r${taken}`, bytes(40, taken), 40);
					expect(() => {
						for (; taken <= traits.recordsMax!; taken++) putNext();
					}).toThrowError(/full/);
					expect(taken).toBeGreaterThan(traits.recordsMax! >> 1);
					for (let i = 0; i < taken; i++) expect(read(`r${i}`)).toEqual(bytes(40, i));
					expect(read(`r${taken}`)).toBeNull();
					store().put("contract", "r0", bytes(50, 9), 50);
					expect(read("r0")).toEqual(bytes(50, 9));
					store().remove("contract", "r1");
					putNext();
					expect(read(`r${taken}`)).toEqual(bytes(40, taken));
				});

			it("lists the keys of one domain only, names of fifteen characters among them", () => {
				const names = ["A-Z_09-abcdefgh", "b", "c"];
				for (const each of names) store().put("contract", each, bytes(2, 1), 2);
				store().put("other", "d", bytes(2, 1), 2);
				expect(keys()).toEqual(names);
				store().remove("other", "d");
			});
		});

		describe("clock", () => {
			it("never goes back", () => {
				let last = machine.clock.nowMs();
				for (let i = 0; i < 200; i++) {
					const now = machine.clock.nowMs();
					expect(now >= last).toBe(true);
					last = now;
				}
			});

			it("rings at its deadline or after, in order, once; never when cleared or closed", async () => {
				const rung: string[] = [];
				const { clock } = machine;
				const start = clock.nowMs();
				await new Promise<void>((resolve) => {
					const make = (called: string, then: () => void = () => {}) =>
						clock.createAlarm({
							onAlarm: (nowMs) => {
								expect(nowMs >= start).toBe(true);
								rung.push(called);
								then();
							},
						});
					const [first, second, cleared, closed, moved] = [
						make("first"),
						make("second"),
						make("cleared"),
						make("closed"),
						make("moved"),
					];
					second.set(start + 60);
					first.set(start + 20);
					cleared.set(start + 30);
					cleared.clear();
					closed.set(start + 30);
					closed.close();
					moved.set(start + 10);
					moved.set(start + 90);
					const last = make("last", () => {
						for (const alarm of [first, second, cleared, moved, last]) alarm.close();
						resolve();
					});
					last.set(start + 150);
				});
				expect(rung).toEqual(["first", "second", "moved", "last"]);
				expect(clock.nowMs() - start >= 150).toBe(true);
			});

			it("rings for a deadline that has passed, and not from within the call that set it", async () => {
				let inside = true;
				await new Promise<void>((resolve) => {
					const alarm = machine.clock.createAlarm({
						onAlarm: () => {
							expect(inside).toBe(false);
							alarm.close();
							resolve();
						},
					});
					alarm.set(machine.clock.nowMs() - 5);
					inside = false;
				});
			});
		});

		describe("entropy", () => {
			it("fills what it was asked to and nothing else, with other bytes each time", () => {
				const [one, two] = [new Uint8Array(64), new Uint8Array(64)];
				machine.entropy.fill(one, 16, 32);
				machine.entropy.fill(two, 16, 32);
				for (const each of [one, two]) for (let i = 0; i < 64; i++) if (i < 16 || i >= 48) expect(each[i]).toBe(0);
				expect(one).not.toEqual(two);
			});
		});

		describe("secrets", () => {
			const hash = (text: string) => {
				const from = new Uint8Array(text.length + 2);
				for (let i = 0; i < text.length; i++) from[i + 1] = text.charCodeAt(i);
				const into = new Uint8Array(40);
				machine.hashes.sha256(from, 1, text.length, into, 8);
				for (let i = 0; i < 8; i++) expect(into[i]).toBe(0);
				return toBase64Url(into.subarray(8));
			};

			it("are hashed as FIPS 180-4 has it", () => {
				expect(hash("")).toBe("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
				expect(hash("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
			});

			it("derive ids: alike for the same data, others for other data", () => {
				const { identity } = machine;
				expect(identity.digest.length).toBe(32);
				const derived = (data: number[]) => {
					const into = new Uint8Array(34);
					identity.derive(new Uint8Array(data), into, 1);
					expect([into[0], into[33]]).toEqual([0, 0]);
					return into;
				};
				expect(derived([1, 2])).toEqual(derived([1, 2]));
				expect(derived([1, 2])).not.toEqual(derived([1, 3]));
			});
		});

		if (traits.loopback) describeNetwork(() => machine);
	});
}

function describeNetwork(machine: () => Machine): void {
	describe("network", () => {
		let listener: Listener;
		let near: PeerTransport | null;
		let far: PeerTransport | null;

		afterEach(() => {
			listener.close();
			near?.abort();
			far?.abort();
		});

		/** Listens and dials itself. */
		function meet(secure: boolean, expected: Uint8Array | null): Promise<TransportError | null> {
			const identity = secure ? machine().identity : null;
			near = far = null;
			return new Promise((resolve) => {
				let inside = true;
				const done = () => {
					if (near !== null && far !== null) resolve(null);
				};
				listener = machine().network.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, identity, {
					listening: (endpoint: Endpoint) => {
						expect(inside).toBe(false);
						machine().network.dial(endpoint, identity, expected, 20_000, {
							dialled: (transport) => {
								near = transport;
								done();
							},
							failed: resolve,
						});
					},
					accepted: (transport) => {
						far = transport;
						done();
					},
					rejected() {},
					failed: resolve,
				});
				inside = false;
			});
		}

		function received(transport: PeerTransport, length: number): Promise<Uint8Array> {
			return new Promise((resolve, reject) => {
				const into = new Uint8Array(length);
				let got = 0;
				const pull = () => {
					for (let count = 1; count > 0 && got < length; got += count) count = transport.read(into, got, length - got);
					if (got === length) resolve(into);
				};
				transport.events = {
					onReadable: pull,
					onWritable() {},
					onClosed: () => reject(new Error(`closed after ${got}`)),
				};
				pull();
			});
		}

		for (const secure of [true, false])
			it(`carries bytes both ways, and ends in order, ${secure ? "with" : "without"} keys`, async () => {
				const { identity } = machine();
				expect(await meet(secure, secure ? identity.digest : null)).toBeNull();
				expect(sameDigest(near!.peerDigest, secure ? identity.digest : null)).toBe(true);
				const sent = new Uint8Array(3000);
				for (let i = 0; i < sent.length; i++) sent[i] = i & 255;
				for (const [from, to] of [
					[near!, far!],
					[far!, near!],
				] as const) {
					const arrived = received(to, sent.length);
					let taken = 0;
					const push = () => {
						taken += from.write(sent, taken, sent.length - taken);
						from.flush();
					};
					from.events = { onReadable() {}, onWritable: push, onClosed() {} };
					push();
					expect(await arrived).toEqual(sent);
				}
				const ended = new Promise<TransportError | null>((resolve) => {
					far!.events = { onReadable() {}, onWritable() {}, onClosed: resolve };
				});
				near!.close();
				expect(await ended).toBeNull();
			});

		it("refuses another key than the one that was expected, and says which kind of error that is", async () => {
			expect((await meet(true, new Uint8Array(32).fill(9)))?.kind).toBe("digest");
		});

		it("says that nobody listens", async () => {
			listener = { close() {} };
			const error = await new Promise<TransportError | null>((resolve) => {
				machine().network.dial({ kind: "tcp", host: "127.0.0.1", port: 9 }, null, null, 5000, {
					dialled: () => resolve(null),
					failed: resolve,
				});
			});
			expect(error?.kind).toBe("refused");
		});
	});
}
