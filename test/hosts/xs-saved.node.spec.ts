import { join } from "node:path";
import { Vat } from "vatlet";
import { build, type Built } from "../../hosts/node/build/build.js";
import { packageRoot } from "../../hosts/node/build/folders.js";
import { Logger } from "../../examples/saved-store/logger.capnp.js";
import { BootedDevice } from "../e2e/booted-device.js";
import { Cleanup } from "../support/cleanup.node.js";
import { freePort } from "../support/free-port.node.js";
import { until, within } from "../support/waiting.js";
import { startService } from "../../examples/saved-store/service.js";

/** A device with loggers of its own in its store, and the sturdy ref of one of its hub's. */
for (const platform of ["linux", "qemu"] as const) {
	describe(`Saved capabilities of a device on ${platform}`, () => {
		const cleanup = Cleanup.afterEach();
		let built: Built;
		let folder: string;
		let device: BootedDevice;
		let port: number;

		beforeAll(async () => {
			built = await build({
				manifest: join(packageRoot(), "test/hosts/xs-saved/manifest.json"),
				platform,
				release: true,
			});
		}, 300_000);
		beforeEach(async () => {
			folder = cleanup.folder();
			port = await freePort();
		});

		async function start(hub: string): Promise<string> {
			device = await BootedDevice.boot(cleanup, built, {
				config: {
					hub,
					public: `capnp://insecure@127.0.0.1:${port}`,
					port: platform === "qemu" ? "7000" : String(port),
				},
				storePath: join(folder, "device"),
				...(platform === "qemu" ? { ports: [{ host: port, device: 7000 }] } : {}),
			});
			return /this device is (\S+)/.exec(await device.line(/this device is/))![1]!;
		}

		it("are there again after it was killed in the middle of saving more, and so is its identity", async () => {
			const said: string[] = [];
			// What the device is given to keep has to lead here from where the device is.
			const hubPort = await freePort();
			const publicAddress = `tcp:${platform === "qemu" ? "10.0.2.2" : "127.0.0.1"}:${hubPort}`;
			const hub = await startService(`tcp:127.0.0.1:${hubPort}`, folder, (line) => said.push(line), { publicAddress });
			cleanup.closing(hub.vat);
			const identity = await start(hub.uri);
			await device.line(/^saved$/);
			const root = `capnp://${identity}@127.0.0.1:${port}/${Buffer.from("root").toString("base64url")}`;
			const client = cleanup.closing(await Vat.open());
			const live = client.import(root, Logger).reconnecting();
			const loggers = await within(live.connected(), { what: "the device's loggers", saw: () => device.lines });
			const kept: string[] = [];
			const more = async () => {
				for (let i = 0; ; i++) {
					const { logger } = await loggers.sub({ label: String(i) });
					kept.push(await client.save(logger!));
					logger!.release();
				}
			};
			const broken = more().catch((error: { type: string }) => error.type);
			await until(() => kept.length >= 12, { saw: () => device.lines });
			await device.kill();
			expect(await within(broken, { what: "the call that the kill breaks" })).toBe("disconnected");

			expect(await start(hub.uri)).toBe(identity);
			await device.line(/^remembered$/);
			await within(live.connected(), { what: "the device to be there again", saw: () => device.lines });
			for (let i = 0; i < kept.length; i++) {
				using logger = client.connect(kept[i]!, Logger);
				await logger.log({ text: "still here" });
				await device.line(new RegExp(`^\\[root/${i}\\] still here$`));
			}
			live.release();
			await hub.vat.close();
			expect(said.filter((line) => line === "[root/device] up").length).toBe(2);
		}, 120_000);
	});
}
