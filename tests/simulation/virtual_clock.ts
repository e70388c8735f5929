/** Time in a simulated world, the same for all: it passes by itself a little, and by the day where it is told to. */
export class VirtualClock {
  #offset = 0;

  readonly now = (): number => Date.now() + this.#offset;

  /** Milliseconds between this clock and the machine's. */
  get offset(): number {
    return this.#offset;
  }

  advance(ms: number): void {
    this.#offset += ms;
  }

  setNow(at: number): void {
    this.#offset = at - Date.now();
  }
}
