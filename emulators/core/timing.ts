/** Real time spent, so that a bench can tell the provider's share from its own. */

export class Timing {
  requests = 0;
  /** Milliseconds of the emulator's own work. */
  processingMs = 0;
  /** Milliseconds waited on purpose, summed over requests. */
  waitedMs = 0;

  /** Runs work that does not wait, and counts it. */
  measure<T>(work: () => T): T {
    const started = performance.now();
    try {
      return work();
    } finally {
      this.processingMs += performance.now() - started;
    }
  }

  async sleep(ms: number, stop: AbortSignal): Promise<void> {
    const started = performance.now();
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        stop.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      stop.addEventListener('abort', end);
    });
    this.waitedMs += performance.now() - started;
  }
}
