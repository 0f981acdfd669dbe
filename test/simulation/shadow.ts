/** What a capability should be, whatever the network makes of it. */
export class Shadow {
	server: { readonly id: number } | null = null;
	broken = false;
	next: Shadow | null = null;
	/** Not known before what that is: the target of the call whose result it is. */
	waitsFor: Shadow | null = null;

	/** Whether nothing is known of this before `other` is: making `other` this would be a knot that no vat can see alone. */
	dependsOn(other: Shadow): boolean {
		let shadow: Shadow | null = this;
		while (shadow !== null) {
			shadow = shadow.end();
			if (shadow === other) return true;
			shadow = shadow.waitsFor;
		}
		return false;
	}

	end(): Shadow {
		let shadow: Shadow = this;
		while (shadow.next !== null) shadow = shadow.next;
		return shadow;
	}
}
