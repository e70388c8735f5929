/**
 * What one invocation may do: an isolate is retired at 1,000 ms of CPU and killed at twice that, without being asked.
 * Counted in events' worth of work, because a function cannot see its own CPU time: 10,000 plain events take 200 ms, heavy
 * ones of the same worth 500.
 */

const EVENTS = 11_000;
const PAGE = 25;
const LANE = 25;
/** Characters that cost as much as an event does by itself. */
const SIZE = 2000;

export class WorkBudget {
  #left: number;

  constructor(events = EVENTS) {
    this.#left = events;
  }

  /** Another invocation has to go on. */
  get spent(): boolean {
    return this.#left <= 0;
  }

  lane(): void {
    this.#left -= LANE;
  }

  page(): void {
    this.#left -= PAGE;
  }

  /** @param size in characters */
  event(size: number): void {
    this.#left -= 1 + size / SIZE;
  }
}
