export const DIGITS = "0123456789";

/** Whether `text` is not empty and has only characters of `allowed`. On devices in place of a regular expression, whose engine takes 30 KB of flash. */
export function consistsOf(text: string, allowed: string): boolean {
	for (let i = 0; i < text.length; i++) if (!allowed.includes(text.charAt(i))) return false;
	return text !== "";
}
