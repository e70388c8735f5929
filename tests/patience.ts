/**
 * How long a test waits for what must come. Far longer than any machine takes, however busy it is: a wait ends when its
 * condition holds, so patience costs time only where something is broken. No test tells how fast the product is; the bench
 * does.
 */
export const PATIENCE_MS = 60_000;

/**
 * pg_net's sleep after each batch, shortened for tests that wait for what comes after it hundreds of times: the same
 * happens, only sooner. Its own tests, the bench and the chaos keep the real second.
 */
export const REQUEST_PAUSE_MS = 20;

/** For `expect.poll`. */
export const WAIT = { timeout: PATIENCE_MS, interval: 50 };
