/** The routes of a provider's sync function (`docs/api.md`): our own nudge, "sync now" and "try again". */
import { z } from 'zod';
import { ACCOUNT_REFUSALS } from '../contract/refusal.ts';
import { explanation } from '../contract/explain.ts';
import { explainRequest, retryRequest, syncRequest } from '../contract/requests.ts';
import { accepted, type SyncSummary, syncSummary } from '../contract/sync.ts';
import { workers } from '../db/workers.ts';
import { failureCode, type MarkedRun, type RunSummary, syncRequests, syncStore } from '../db/outbound.ts';
import { errorMessage } from '../error_messages/error_message.ts';
import { readEnvironment } from '../http/environment.ts';
import { type Context, type Route, route } from '../http/route.ts';
import type { ProviderContext } from '../oauth/provider_context.ts';
import { metricsRoute } from './metrics.ts';
import { explain } from '../sync/outbound/explain.ts';
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

/** Routes of `<provider>-sync`. */
export function syncRoutes(context: ProviderContext): Route[] {
  const { name, rpc, now, sleep, oauth, calendar, appBaseUrl } = context;
  const requests = syncRequests(rpc, name);
  const store = syncStore(rpc, name);
  const { SYNC_DEADLINE_MS } = readEnvironment(context.environment, { SYNC_DEADLINE_MS: milliseconds });

  /** Another invocation goes on: woken directly, or by the database where that fails. */
  async function succeed(): Promise<void> {
    if (!await context.wake(`${name}-sync`)) await requests.nudge();
  }
  const { employ, leaving } = workers({ rpc, onUnload: context.onUnload, succeed });

  const worker = ({ log }: Pick<Context, 'log'>): WorkerDeps => ({
    ...context,
    store,
    random: Math.random,
    newId: () => crypto.randomUUID(),
    leaving,
    log,
  });

  async function drainAll(ctx: Context<'nudge'>): Promise<void> {
    const deadlineMs = SYNC_DEADLINE_MS ?? NUDGE_DEADLINE_MS;
    const deps = worker(ctx);
    const { remaining, completed } = await employ((id) =>
      drain(deps, { worker: id, trigger: 'change', deadlineMs, maxJobs: JOBS })
    );
    // Where nothing was done the sweep comes back, so that no chain of instances turns on the spot.
    if (remaining && completed > 0 && !leaving()) await succeed();
    await revokeGrants({ store, oauth, log: ctx.log });
  }

  /** Joins the engine for one connection; another worker may hold its lane, so the run's own count decides. */
  async function follow(ctx: Context<'user'>, { integrationId, runId }: MarkedRun): Promise<SyncSummary> {
    ctx.step('drain');
    const deadlineAt = now() + Math.min(SYNC_DEADLINE_MS ?? REQUEST_DEADLINE_MS, REQUEST_DEADLINE_MS);
    let summary: RunSummary;
    let jobs = 0;
    while (true) {
      const deadlineMs = Math.max(0, deadlineAt - now());
      const options = { integrationId, runId, trigger: 'manual' as const, deadlineMs, maxJobs: JOBS };
      const { stopped, dueInMs, completed } = await employ((id) => drain(worker(ctx), { ...options, worker: id }));
      jobs += completed;
      summary = await requests.summary(runId);
      // What is due only after the answer does not delay it.
      if (summary.remaining === 0 || stopped !== null || jobs >= JOBS || leaving()) break;
      if (now() + (dueInMs ?? POLL_MS) >= deadlineAt) break;
      await sleep(POLL_MS);
    }
    if (summary.remaining > 0) await succeed();
    ctx.note({ integration: integrationId, remaining: summary.remaining, failed: summary.failed });
    const failures = summary.failures.map(({ rdvId, code: stored }) => {
      const code = failureCode(stored);
      return { rdvId, reason: errorMessage(code, ctx.language), code };
    });
    return { ...summary, failures };
  }

  return [
    metricsRoute,
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
      method: 'GET',
      path: '/explain',
      auth: 'user',
      summary: 'What the export would do about an appointment now, and why',
      query: explainRequest,
      answer: explanation,
      errors: ['NOT_CONNECTED', 'APPOINTMENT_NOT_FOUND'],
      async handle({ member, query, language, note }) {
        const observed = await requests.explain(member, query.rdvId);
        const { errorCode, ...found } = explain(observed, {
          appBaseUrl,
          normalize: calendar.normalize,
        });
        note({ decision: found.decision, reason: found.reason, waitsFor: found.waitsFor });
        const code = errorCode === null ? null : failureCode(errorCode);
        return {
          ...found,
          lastError: code === null ? null : { code, message: errorMessage(code, language) },
        };
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
