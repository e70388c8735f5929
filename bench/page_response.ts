/** (p) How long the calendar page takes to answer a click, in a month with a thousand events, in one with forty, and on a day with 200. */
import type { Page } from 'playwright-core';
import { connectClaire, FULL_DAY, practiceOfEight, startWorld } from '../tests/browser/calendar_world.ts';
import { FULL_MONTH, seedMany, walkThrough, walkThroughDay } from '../tests/browser/full_month.ts';
import { atMost, type Bench } from './measure.ts';

const FEW = 40;
const MANY = 1_000;

/** Interactions as the browser reports them (Event Timing); milliseconds since the page was loaded. */
interface Interaction {
  readonly at: number;
  readonly took: number;
}

export const pageResponse: Bench = {
  name: 'page_response',
  title: 'The calendar page: from a click to the next frame',
  perProvider: false,
  /** Starts a stack of its own: the page is built for the addresses of one. */
  async run({ quick }) {
    const world = await startWorld();
    try {
      await connectClaire(world.sql);
      const slowest: Record<number, number> = {};
      for (const count of [FEW, MANY]) {
        await seedMany(world.sql, count);
        const page = await world.signedIn('/favicon.svg');
        await observe(page);
        await page.goto(`${world.url}/calendar?view=month&date=${FULL_MONTH}`);
        await page.locator('[data-entry]').nth(20).waitFor();
        slowest[count] = await slowestInteraction(page, walkThrough, quick ? 3 : 8);
        await page.context().close();
      }
      await practiceOfEight(world.sql);
      const page = await world.signedIn('/favicon.svg', { viewport: { width: 1440, height: 900 } });
      await observe(page);
      await page.goto(`${world.url}/calendar?view=day&date=${FULL_DAY}`);
      await page.locator('[data-entry]').nth(150).waitFor({ state: 'attached' });
      const day = await slowestInteraction(page, walkThroughDay, quick ? 3 : 8);
      await page.context().close();
      const [few = NaN, many = NaN] = [slowest[FEW], slowest[MANY]];
      return {
        figures: [
          { what: `slowest interaction among ${FEW} events`, value: few, unit: 'ms' },
          { what: `the same among ${MANY}`, value: many, unit: 'ms' },
          { what: 'ratio of the two', value: many / few, unit: '' },
          { what: 'slowest interaction on a day with 200 appointments', value: day, unit: 'ms' },
        ],
        claims: [
          atMost(`slowest interaction among ${MANY} events, ms`, many, 100),
          atMost('slowest interaction on a day with 200 appointments, ms', day, 100),
        ],
      };
    } finally {
      await world.stop();
    }
  },
};

async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const interactions: Interaction[] = [];
    Object.assign(globalThis, { interactions });
    new PerformanceObserver((list) => {
      for (const one of list.getEntries() as Array<PerformanceEntry & { interactionId: number }>) {
        if (one.interactionId) interactions.push({ at: one.startTime, took: one.duration });
      }
    }).observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
}

/** Each step counts by its best time: what else runs on the machine slows a step down, and never speeds one up. */
async function slowestInteraction(page: Page, walk: typeof walkThrough, rounds: number): Promise<number> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const begun: Array<readonly [name: string, at: number]> = [];
    await walk(page, async (name, step) => {
      begun.push([name, await page.evaluate(() => performance.now())]);
      await step();
    });
    const interactions = await page.evaluate(() =>
      (globalThis as unknown as { interactions: Interaction[] }).interactions
    );
    for (const [index, [name, from]] of begun.entries()) {
      const until = begun[index + 1]?.[1] ?? Infinity;
      const took = interactions.filter(({ at }) => at >= from && at < until).map((one) => one.took);
      best.set(name, Math.min(best.get(name) ?? Infinity, Math.max(0, ...took)));
    }
  }
  return Math.max(...best.values());
}
