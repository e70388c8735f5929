/** Work that waits for a moment of the emulator's clock, whether time passes or the clock is moved. */

interface Waiting {
  readonly due: number;
  readonly work: () => void;
}

export class Schedule {
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `due` in milliseconds since the epoch, by the emulator's clock. */
  at(due: number, work: () => void): void {
    this.#waiting.push({ due, work });
    this.#waiting.sort((a, b) => a.due - b.due);
    this.#arm();
  }

  /** Does what is due. Called when the clock was moved. */
  wake(): void {
    const now = this.#now();
    const due = this.#waiting.filter((waiting) => waiting.due <= now);
    this.#waiting = this.#waiting.filter((waiting) => waiting.due > now);
    for (const { work } of due) work();
    this.#arm();
  }

  /** Forgets everything. */
  clear(): void {
    this.#waiting = [];
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const [first] = this.#waiting;
    if (!first) return;
    const armedAt = this.#now();
    // A stopped clock moves by hand only: no need to look again.
    this.#timer = setTimeout(() => {
      if (this.#now() !== armedAt) this.wake();
    }, Math.max(first.due - armedAt, 0));
  }
}
