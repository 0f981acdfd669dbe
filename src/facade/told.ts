/**
 * Calls what belongs to the program. What that throws is the program's to hear of, as a rejection that nobody handles: where we are called from,
 * a connection would end with it, or a vat stay half closed.
 */
export function told(tell: () => void): void {
	try {
		tell();
	} catch (error) {
		void Promise.reject(error);
	}
}
