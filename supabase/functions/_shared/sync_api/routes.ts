/** The routes of a provider's sync function (`docs/api.md`): our own nudge, "sync now" and "try again". */
import { z } from 'zod';
import { ACCOUNT_REFUSALS } from '../contract/refusal.ts';
import { accepted, retryRequest, syncRequest, type SyncSummary, syncSummary } from '../contract/sync.ts';
import { credentialStore } from '../db/credentials.ts';
import { workers } from '../db/workers.ts';
import { failureCode, type MarkedRun, type RunSummary, syncRequests, syncStore } from '../db/outbound.ts';
import { ERROR_KINDS } from '../errors.ts';
import type { Setup } from '../http/edge_function.ts';
import { readEnvironment } from '../http/environment.ts';
import { type Context, type Route, route } from '../http/route.ts';
import { connectionHandle } from '../oauth/credentials.ts';
import type { CalendarProvider } from '../providers/calendar_provider.ts';
import { drain, revokeGrants, type WorkerDeps } from '../sync/outbound/worker.ts';

const NUDGE_DEADLINE_MS = 50_000;
const REQUEST_DEADLINE_MS = 25_000;
/** About half a second of processor time: an instance has two for its whole life, and its start takes nearly as much. */
const JOBS = 1200;
const POLL_MS = 500;

const milliseconds = z.coerce.number().int().min(1000).max(140_000).optional();
/** A connection whose calendar is in trouble refuses with the code of that trouble. */
const REFUSALS = [
  'NO_TARGET_CALENDAR',
  'CALENDAR_NOT_FOUND',
  'CALENDAR_READ_ONLY',
  'SYNC_PAUSED',
  ...ACCOUNT_REFUSALS,
] as const;

export function syncRoutes({ setup, provider }: { setup: Setup; provider: CalendarProvider }): Route[] {
  const name = provider.capabilities().provider;
  const requests = syncRequests(setup.rpc, name);
  const store = syncStore(setup.rpc, name);
  const credentials = credentialStore(setup.rpc);
  const { SYNC_DEADLINE_MS } = readEnvironment(setup.environment, { SYNC_DEADLINE_MS: milliseconds });
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  /** Another invocation goes on: woken directly, or by the database where that fails. */
  async function succeed(): Promise<void> {
    if (!await setup.wake(`${name}-sync`)) await requests.nudge();
  }
  const { employ, leaving } = workers({ rpc: setup.rpc, onUnload: setup.onUnload, succeed });

  const worker = (ctx: Pick<Context, 'log'>): WorkerDeps => ({
    store,
    provider,
    credentials,
    handleOf: (integrationId, known) => connectionHandle({ integrationId, known, provider, store: credentials }),
    now: setup.now,
    sleep,
    random: Math.random,
    newId: () => crypto.randomUUID(),
    leaving,
    log: ctx.log,
    appBaseUrl: setup.appBaseUrl,
  });

  async function drainAll(ctx: Context<'nudge'>): Promise<void> {
    const deadlineMs = SYNC_DEADLINE_MS ?? NUDGE_DEADLINE_MS;
    const deps = worker(ctx);
    const { remaining, completed } = await employ((id) =>
      drain(deps, { worker: id, trigger: 'change', deadlineMs, maxJobs: JOBS })
    );
    // Where nothing was done the sweep comes back, so that no chain of instances turns on the spot.
    if (remaining && completed > 0 && !leaving()) await succeed();
    await revokeGrants(deps);
  }

  /** Joins the engine for one connection; another worker may hold its lane, so the run's own count decides. */
  async function follow(ctx: Context<'user'>, { integrationId, runId }: MarkedRun): Promise<SyncSummary> {
    ctx.step('drain');
    const deadlineAt = setup.now() + Math.min(SYNC_DEADLINE_MS ?? REQUEST_DEADLINE_MS, REQUEST_DEADLINE_MS);
    let summary: RunSummary;
    let jobs = 0;
    while (true) {
      const deadlineMs = Math.max(0, deadlineAt - setup.now());
      const options = { integrationId, runId, trigger: 'manual' as const, deadlineMs, maxJobs: JOBS };
      const { stopped, dueInMs, completed } = await employ((id) => drain(worker(ctx), { ...options, worker: id }));
      jobs += completed;
      summary = await requests.summary(runId);
      // What is due only after we have answered need not keep anybody waiting.
      if (summary.remaining === 0 || stopped !== null || jobs >= JOBS || leaving()) break;
      if (setup.now() + (dueInMs ?? POLL_MS) >= deadlineAt) break;
      await sleep(POLL_MS);
    }
    if (summary.remaining > 0) await succeed();
    ctx.note({ integration: integrationId, remaining: summary.remaining, failed: summary.failed });
    const failures = summary.failures.map(({ rdvId, code: stored }) => {
      const code = failureCode(stored);
      return { rdvId, reason: ERROR_KINDS[code].message[ctx.language], code };
    });
    return { ...summary, failures };
  }

  return [
    route({
      method: 'POST',
      path: '/',
      auth: 'nudge',
      summary: 'Wakes the export; answered before the work begins',
      answer: accepted,
      status: 202,
      handle(ctx) {
        ctx.waitUntil(drainAll(ctx), 'drain');
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/sync-now',
      auth: 'user',
      summary: 'Exports now, looks at each event even if nothing changed here, and says what came of it',
      body: syncRequest,
      answer: syncSummary,
      errors: REFUSALS,
      async handle(ctx) {
        const { from = null, to = null } = ctx.body;
        return await follow(ctx as Context<'user'>, await requests.mark(ctx.member, { from, to }));
      },
    }),
    route({
      method: 'POST',
      path: '/retry',
      auth: 'user',
      summary: 'Makes failed appointments due again, and says what came of it',
      body: retryRequest,
      answer: syncSummary,
      errors: REFUSALS,
      async handle(ctx) {
        return await follow(ctx as Context<'user'>, await requests.retry(ctx.member, ctx.body.rdvIds ?? null));
      },
    }),
  ];
}
