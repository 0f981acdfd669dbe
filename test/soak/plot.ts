import type { Sample } from "./soak.js";

const WIDTH = 960;
const PANEL_HEIGHT = 150;
const MARGIN = 70;

const panels: readonly { title: string; colour: string; of: (sample: Sample) => number }[] = [
	{ title: "slots", colour: "#1f6feb", of: (sample) => sample.slots },
	{ title: "chunk bytes", colour: "#bf5700", of: (sample) => sample.chunkBytes },
	{ title: "C heap free, bytes", colour: "#1a7f37", of: (sample) => sample.heapFreeBytes },
	{ title: "collections", colour: "#8250df", of: (sample) => sample.collections },
];

/** The memory of a run over the device's uptime, as SVG: a panel each, from zero. */
export function plot(samples: readonly Sample[]): string {
	const minutes = (samples.at(-1)?.seconds ?? 0) / 60;
	const height = panels.length * PANEL_HEIGHT + 30;
	const parts = panels.map(({ title, colour, of }, i) => {
		const most = Math.max(1, ...samples.map(of));
		const bottom = (i + 1) * PANEL_HEIGHT;
		const points = samples.map((sample) => {
			const x = MARGIN + ((WIDTH - MARGIN - 10) * sample.seconds) / 60 / (minutes || 1);
			return `${x.toFixed(1)},${(bottom - ((PANEL_HEIGHT - 30) * of(sample)) / most).toFixed(1)}`;
		});
		return `	<text x="${MARGIN}" y="${bottom - PANEL_HEIGHT + 22}">${title}</text>
	<text x="${MARGIN - 6}" y="${bottom - PANEL_HEIGHT + 36}" text-anchor="end">${most}</text>
	<text x="${MARGIN - 6}" y="${bottom}" text-anchor="end">0</text>
	<path d="M${MARGIN} ${bottom}H${WIDTH - 10}" stroke="#888" fill="none"/>
	<polyline points="${points.join(" ")}" stroke="${colour}" fill="none"/>`;
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
	<rect width="${WIDTH}" height="${height}" fill="white"/>
${parts.join("\n")}
	<text x="${WIDTH - 10}" y="${height - 10}" text-anchor="end">${minutes.toFixed(1)} minutes of uptime</text>
</svg>
`;
}
