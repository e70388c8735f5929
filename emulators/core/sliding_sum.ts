/** A sum over the last stretch of time, as rate limits count. */
export class SlidingSum {
  readonly #span: number;
  readonly #times: number[] = [];
  readonly #units: number[] = [];
  #head = 0;
  #sum = 0;

  /** `span` in milliseconds. */
  constructor(span: number) {
    this.#span = span;
  }

  sumAt(now: number): number {
    while (this.#head < this.#times.length && (this.#times[this.#head] as number) <= now - this.#span) {
      this.#sum -= this.#units[this.#head++] as number;
    }
    // The consumed front is cut off now and then, so that adding stays constant in time.
    if (this.#head > 4096) {
      this.#times.splice(0, this.#head);
      this.#units.splice(0, this.#head);
      this.#head = 0;
    }
    return this.#sum;
  }

  add(now: number, units: number): number {
    this.#times.push(now);
    this.#units.push(units);
    this.#sum += units;
    return this.sumAt(now);
  }

  /** When the oldest unit that still counts leaves, so that room is made; null where nothing counts. */
  nextRoomAt(now: number): number | null {
    this.sumAt(now);
    const oldest = this.#times[this.#head];
    return oldest === undefined ? null : oldest + this.#span;
  }
}
