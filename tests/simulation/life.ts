/** How far a worker comes: every call it makes to the database or the provider counts. */
export interface Fate {
  /** The call at which it happens, from 1; null for a worker to which nothing happens. */
  readonly at: number | null;
  /**
   * `dies`: the process is gone, and with it every later call; `stumbles`: only this call fails. `Before`: it was never made;
   * `After`: it was made, and its answer is lost.
   */
  readonly how: 'diesBefore' | 'diesAfter' | 'stumblesBefore' | 'stumblesAfter';
}

export const UNHARMED: Fate = { at: null, how: 'diesBefore' };

export class Dead extends Error {
  constructor() {
    super('The process is gone');
  }
}

/** Something that happens in the world right before one of the worker's calls. */
export interface Interruption {
  readonly at: number;
  readonly act: () => Promise<void>;
}

/** One worker process. */
export class Life {
  readonly #fate: Fate;
  readonly #interruption: Interruption | null;
  #calls = 0;
  #dead = false;

  constructor(fate: Fate, interruption: Interruption | null = null) {
    this.#fate = fate;
    this.#interruption = interruption;
  }

  get dead(): boolean {
    return this.#dead;
  }

  get calls(): number {
    return this.#calls;
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Dead();
    const turn = ++this.#calls;
    if (turn === this.#interruption?.at) await this.#interruption.act();
    if (turn !== this.#fate.at) {
      const answer = await work();
      // What came back while it died was lost.
      if (this.#dead) throw new Dead();
      return answer;
    }
    const { how } = this.#fate;
    if (how.startsWith('dies')) this.#dead = true;
    if (how.endsWith('After')) await work().catch(() => {});
    throw this.#dead ? new Dead() : new TypeError('The connection was cut');
  }
}
