/** An import, or its preview, that a person asks for and waits for. */
import { z } from 'zod';
import { SyncError } from '../errors.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import type { ImportLane, ImportResult } from '../sync/import_store.ts';
import { IMPORT_LEASE_SECONDS, readCalendar } from '../sync/import_worker.ts';
import type { PullOutcome } from '../sync/pull_calendar.ts';
import { checkCalendar, drainAll, type Importing, openAccount } from './importing.ts';
import { instant, validWindow } from './window.ts';

const REQUEST_DEADLINE_MS = 25_000;
const BUSY_WAIT_MS = 10_000;
const BUSY_POLL_MS = 250;
const PREVIEW_ITEMS = 500;

export const importBody = z.strictObject({
  calendarId: z.string().min(1).max(1024),
  timeMin: instant.optional(),
  timeMax: instant.optional(),
  mode: z.enum(['preview', 'import']),
  fingerprint: z.string().min(1).max(200).optional(),
}).superRefine(validWindow).refine(({ mode, fingerprint }) => mode === 'import' || fingerprint === undefined, {
  path: ['fingerprint'],
  message: 'only with mode import',
});
type ImportBody = z.output<typeof importBody>;

const NOTHING_YET = { created: 0, updated: 0, skipped: 0, cancelled: 0, failed: 0 };

export interface ImportAnswer {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly failed: number;
  readonly conflicts: ImportResult['conflicts'];
  readonly failures: ImportResult['failures'];
  readonly items?: ImportResult['items'];
  readonly runId: string;
  readonly fingerprint: string | null;
  /** Pages are left: the import goes on by itself, and its outcome shows in the status. */
  readonly remaining: boolean;
}

/**
 * @throws {SyncError} `NOT_CONNECTED`, `NEED_RECONSENT`, `CALENDAR_NOT_FOUND`, `IMPORT_BUSY`, `PREVIEW_OUTDATED`, what the
 * provider refuses with, and `IMPORT_FAILED` for everything else
 */
export async function importNow(
  deps: Importing,
  ctx: Pick<Context, 'step' | 'note' | 'log' | 'waitUntil'>,
  member: Member,
  body: ImportBody,
): Promise<ImportAnswer> {
  try {
    return await new PersonalImport(deps, ctx, member, body).run();
  } catch (cause) {
    if (cause instanceof SyncError && cause.code !== 'SYNC_FAILED' && cause.code !== 'CURSOR_EXPIRED') throw cause;
    const context = cause instanceof SyncError ? cause.context : {};
    throw new SyncError('IMPORT_FAILED', 'Import calendar: unexpected error', { cause, context });
  }
}

class PersonalImport {
  readonly #worker: string;
  readonly #startedAt: number;

  constructor(
    private readonly deps: Importing,
    private readonly ctx: Pick<Context, 'step' | 'note' | 'log' | 'waitUntil'>,
    private readonly member: Member,
    private readonly body: ImportBody,
  ) {
    this.#worker = crypto.randomUUID();
    this.#startedAt = deps.now();
  }

  async run(): Promise<ImportAnswer> {
    const { deps, ctx, body } = this;
    ctx.step('find_connection');
    const { integration, handle } = await openAccount(deps, this.member);
    ctx.step('find_calendar');
    await checkCalendar(deps.provider, handle, body.calendarId);
    ctx.note({ integration: integration.integrationId });
    const first = await this.#attempt();
    if (first !== 'again') return first;
    // The cursor had expired: the next run reads in full.
    const second = await this.#attempt();
    if (second !== 'again') return second;
    throw new SyncError('CURSOR_EXPIRED', 'Import calendar: a full reading was refused as expired');
  }

  async #attempt(): Promise<ImportAnswer | 'again'> {
    const { deps, ctx } = this;
    ctx.step('begin_import');
    const lane = await this.#begin();
    ctx.note({ integration: lane.integrationId, run: lane.runId });
    ctx.step('read_calendar');
    const outcome = await this.#read(lane, this.#startedAt + Math.min(deps.drainDeadlineMs, REQUEST_DEADLINE_MS));
    switch (outcome.kind) {
      case 'failed':
        if (outcome.error.code === 'CURSOR_EXPIRED') return 'again';
        throw outcome.error;
      case 'lost':
        throw new SyncError('IMPORT_BUSY', 'Import calendar: somebody else reads it');
      case 'suspended':
        ctx.waitUntil(this.#goOn(), 'import_calendar');
        return this.#answer(lane, null);
      case 'finished':
        if (outcome.result.mismatch) {
          throw new SyncError('PREVIEW_OUTDATED', 'Import calendar: it has changed meanwhile');
        }
        // Whoever was told of a change meanwhile found the calendar in our hands.
        ctx.waitUntil(drainAll(deps, ctx), 'drain');
        return this.#answer(lane, outcome.result);
    }
  }

  #read(lane: ImportLane, deadlineAt: number): Promise<PullOutcome> {
    const { deps, ctx, body } = this;
    return readCalendar(lane, deps.worker(ctx), {
      worker: this.#worker,
      deadlineAt,
      fingerprint: body.fingerprint ?? null,
      itemsLimit: body.mode === 'preview' ? PREVIEW_ITEMS : 0,
    });
  }

  /** Behind the answer: nobody else goes on with a calendar that is not followed. */
  async #goOn(): Promise<void> {
    const { deps } = this;
    const deadlineAt = deps.now() + deps.drainDeadlineMs;
    let outcome: PullOutcome;
    do {
      outcome = await this.#read(await this.#begin(), deadlineAt);
    } while (outcome.kind === 'suspended' && deps.now() < deadlineAt);
    if (outcome.kind === 'suspended' || outcome.kind === 'failed') await deps.requests.nudge();
  }

  /** A run that is under way is often over in a moment. */
  async #begin(): Promise<ImportLane> {
    const { deps, body: { calendarId, timeMin: from = null, timeMax: to = null, mode } } = this;
    const giveUpAt = deps.now() + BUSY_WAIT_MS;
    while (true) {
      try {
        const lease = { worker: this.#worker, leaseSeconds: IMPORT_LEASE_SECONDS };
        return await deps.requests.begin(this.member, { calendarId, from, to, mode }, lease);
      } catch (error) {
        const isBusy = error instanceof SyncError && error.code === 'IMPORT_BUSY';
        if (!isBusy || deps.now() + BUSY_POLL_MS > giveUpAt) throw error;
        await deps.sleep(BUSY_POLL_MS);
      }
    }
  }

  #answer({ runId }: ImportLane, result: ImportResult | null): ImportAnswer {
    const { conflicts: _count, ...counts } = result?.summary ?? { ...NOTHING_YET, conflicts: 0 };
    return {
      ...counts,
      conflicts: result?.conflicts ?? [],
      failures: result?.failures ?? [],
      ...(this.body.mode === 'preview' ? { items: result?.items ?? [] } : {}),
      runId,
      fingerprint: result?.fingerprint || null,
      remaining: result === null,
    };
  }
}
