/** The median of the last so many whole numbers, an odd count. */
class Median extends Native("xs_median_destructor") {
	constructor(count) {
		super();
		native("xs_median").call(this, count);
	}
	/** Takes one more number and returns the median of those that count. */
	push(value) {
		return native("xs_median_push").call(this, value);
	}
	static get unit() {
		return native("xs_median_unit").call(this);
	}
}
Object.freeze(Median.prototype);
export default Object.freeze(Median);
