/** Asks the engine for much that it does not name, and names much that no other part of it does. */
import { exit, print } from "vatlet/system";
import { Empty as Nothing, kinds as constructors, sample } from "./preloaded.js";

const kinds = { first: 3, second: 4 };

class Outer {
	#own = 1;
	#other = 2;
	sum() {
		return this.#own + this.#other;
	}
	make() {
		const outer = this;
		return new (class {
			#mine = 10;
			get #twice() {
				return 2 * this.#mine;
			}
			sum() {
				return this.#twice + outer.#own + outer.#other;
			}
			has(object: object) {
				return #mine in object;
			}
		})();
	}
}

print(`value ${Number(new Date(5)) - 1}`);
print(`search ${"a-b".search("-")}`);
const inner = new Outer().make();
print(`private ${inner.sum()} ${new Outer().sum()} ${inner.has(inner)} ${inner.has(new Outer())}`);
const [one, ...others] = new Map([
	["a", kinds.first],
	["b", kinds.second],
]);
print(`pieces ${one} ${others.length} ${[...new Set("abca")].join("")} ${Object.keys(kinds)}`);
const [Kind] = constructors as (new () => object)[];
const empty = new (Nothing as unknown as new () => object)();
print(`constructed ${sample(7)} ${empty instanceof Nothing} ${new Kind!() instanceof Kind!}`);
exit(0);
