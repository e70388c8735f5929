/**
 * How long a test waits for what must come. Far longer than any machine takes, however busy it is: a wait ends when its
 * condition holds, so patience costs time only where something is broken. No test tells how fast the product is; the bench
 * does.
 */
export const PATIENCE_MS = 60_000;

/** For `expect.poll`. */
export const WAIT = { timeout: PATIENCE_MS, interval: 50 };
