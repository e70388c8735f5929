/** Lets the calls of workers that run side by side through one at a time, in an order drawn from the schedule's seed. */
export class Turnstile {
  readonly #draw: () => number;
  readonly #waiting: Array<() => Promise<void>> = [];
  #turning = false;

  constructor(draw: () => number) {
    this.#draw = draw;
  }

  pass<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => work().then(resolve, reject));
      if (this.#turning) return;
      this.#turning = true;
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    while (true) {
      // A worker that goes on by what the last answer said gets to the turnstile first.
      for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#waiting.splice(Math.floor(this.#draw() * this.#waiting.length), 1);
      if (!next) break;
      await next();
    }
    this.#turning = false;
  }
}
