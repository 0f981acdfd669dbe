/** The manifests' `defines` as C: `{"lamp": {"pin": 4}}` is `#define MODDEF_LAMP_PIN (4)`, as the SDK names it. */
export function definesHeader(defines: Readonly<Record<string, unknown>>): string {
	const lines = linesOf("MODDEF_", defines);
	return `/* From the manifests' \`defines\`. */\n#ifndef MC_DEFINES_H\n#define MC_DEFINES_H\n${lines.join("")}#endif\n`;
}

function linesOf(prefix: string, defines: Readonly<Record<string, unknown>>): string[] {
	return Object.entries(defines).flatMap(([key, value]) => {
		const name = prefix + key.toUpperCase();
		if (!/^\w+$/.test(name)) throw new Error(`defines: ${key} is no name in C`);
		if (typeof value === "object" && value !== null && !Array.isArray(value))
			return linesOf(`${name}_`, value as Record<string, unknown>);
		return [`#define ${name} ${textOf(key, value)}\n`];
	});
}

/** A text stands for itself, after `#` for a string; numbers in a list are an initializer. */
function textOf(key: string, value: unknown): string {
	if (value === null) return "NULL";
	if (typeof value === "boolean") return `(${Number(value)})`;
	if (typeof value === "number") return `(${value})`;
	if (typeof value === "string") return value.startsWith("#") ? JSON.stringify(value.slice(1)) : oneLine(key, value);
	const items = value as unknown[];
	if (items.every((item) => typeof item === "number")) return `{ ${items.join(", ")} }`;
	if (items.every((item) => typeof item === "string"))
		return items.map((item) => oneLine(key, item as string)).join(" ");
	throw new Error(`defines: ${key} is a list of different things`);
}

function oneLine(key: string, text: string): string {
	if (/[\r\n]/.test(text)) throw new Error(`defines: ${key} is more than one line`);
	return text;
}
