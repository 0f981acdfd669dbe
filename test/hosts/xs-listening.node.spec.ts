import { join } from "node:path";
import { Vat } from "vatlet";
import { Echo } from "../../examples/echo/echo.capnp.js";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { within } from "../support/waiting.js";

for (const platform of ["linux", "qemu"] as const) {
	describe(`A device on ${platform} that listens`, () => {
		const cleanup = Cleanup.afterEach();
		let built: Built;
		let folder: string;
		let port: number;

		beforeAll(async () => {
			const manifest = join(packageRoot(), "test/hosts/xs-listening/manifest.json");
			built = await build({ manifest, platform, release: true });
		}, 300_000);
		beforeEach(async () => {
			folder = cleanup.folder();
			port = await freePort();
		});

		async function start(): Promise<{ device: BootedDevice; uri: string }> {
			const address = platform === "qemu" ? "tcp:0.0.0.0:7000" : `tcp:127.0.0.1:${port}`;
			const device = await BootedDevice.boot(cleanup, built, {
				config: { listen: address, public: `tcp:127.0.0.1:${port}` },
				storePath: join(folder, "device"),
				...(platform === "qemu" ? { ports: [{ host: port, device: 7000 }] } : {}),
			});
			await device.line(/^listening at/);
			const uri = (await device.line(/^uri /)).slice(4);
			expect(device.lines).toContain(`listening at ${address}`);
			return { device, uri };
		}

		const open = async () => cleanup.closing(await Vat.open());
		const say = (vat: Vat, uri: string, text: string) =>
			within(
				vat.import(uri, Echo).with((echo) => echo.say({ text })),
				{ what: "the echo" },
			);

		it("is called by vats that have its URI, which is the same after a restart; references come back", async () => {
			const first = await start();
			expect(first.uri).toMatch(new RegExp(`^capnp://sha-256:[\\w-]{43}@127.0.0.1:${port}/[\\w-]{43}$`));
			const vat = await open();
			const live = vat.import(first.uri, Echo).reconnecting();
			cleanup.defer(() => live.release());
			const echo = await within(live.connected(), { what: "the device", saw: () => first.device.lines });
			expect((await echo.say({ text: "here?" })).reply).toBe("here?");
			await first.device.kill();
			await expectAsync(within(echo.say({ text: "?" }), { what: "the end" })).toBeRejected();
			const second = await start();
			expect(second.uri).toBe(first.uri);
			const again = await within(live.connected(), { what: "the device again", saw: () => second.device.lines });
			expect((await again.say({ text: "again" })).reply).toBe("again");
		}, 60_000);

		it("has nothing for who does not know the id, turns away whom it has no place for, and serves the rest", async () => {
			const { device, uri } = await start();
			const [one, two, three] = [await open(), await open(), await open()];
			await expectAsync(say(one, uri.slice(0, -4) + "AAAA", "?")).toBeRejectedWithError(
				/Unknown persistent service ID/,
			);
			expect((await say(one, uri, "one")).reply).toBe("one");
			expect((await say(two, uri, "two")).reply).toBe("two");
			await expectAsync(say(three, uri, "three")).toBeRejected();
			expect(await device.line(/turned away/)).toContain("this vat has 2 peers already");
			await one.close();
			expect((await say(two, uri, "still")).reply).toBe("still");
			const live = three.import(uri, Echo).reconnecting();
			cleanup.defer(() => live.release());
			const echo = await within(live.connected(), { what: "the place that is free now", saw: () => device.lines });
			expect((await echo.say({ text: "three" })).reply).toBe("three");
			await echo.say({ text: "unpublish" });
			await expectAsync(say(two, uri, "?")).toBeRejectedWithError(/Unknown persistent service ID/);
		}, 60_000);

		it("says what is no address, and which one nobody can dial", async () => {
			const { device } = await start();
			expect(device.lines).toContain(
				'AddressError: "7000" is no listen address: expected "tcp:HOST:PORT", "unix:PATH" or "serial:PATH"',
			);
			expect(device.lines).toContain(
				"AddressError: nobody can dial tcp:0.0.0.0:7000: publicAddress says where others find this device",
			);
		}, 60_000);
	});
}
