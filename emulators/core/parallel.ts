/** How many requests of one account are under way at once: providers throttle those who ask for too much at a time. */

export class Parallel {
  readonly #current = new Map<string, number>();
  readonly #peak = new Map<string, number>();

  /** Runs work and counts it while it lasts; `refuse` answers instead where the limit (0 for none) is reached. */
  async run<T>(account: string, limit: number, work: () => Promise<T>, refuse: () => T): Promise<T> {
    const count = (this.#current.get(account) ?? 0) + 1;
    this.#peak.set(account, Math.max(count, this.#peak.get(account) ?? 0));
    if (limit > 0 && count > limit) return refuse();
    this.#current.set(account, count);
    try {
      return await work();
    } finally {
      this.#current.set(account, (this.#current.get(account) ?? 1) - 1);
    }
  }

  peakOf(account: string): number {
    return this.#peak.get(account) ?? 0;
  }
}
