/** An import, or its preview, that a person asks for and waits for. */
import type { ImportSummary } from '../contract/import.ts';
import type { ImportRequest } from '../contract/requests.ts';
import type { AskedImport } from '../db/inbound.ts';
import { isErrorCode, SyncError } from '../errors.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import type { ImportResult } from '../sync/inbound/port.ts';
import { IMPORT_LEASE_SECONDS, readCalendar } from '../sync/inbound/worker.ts';
import { WorkBudget } from '../sync/shared/work_budget.ts';
import { accountOf, checkCalendar, drainAll, type Importing } from './importing.ts';

const REQUEST_DEADLINE_MS = 25_000;
const POLL_MS = 250;
const PREVIEW_ITEMS = 500;

const NOTHING_YET = { created: 0, updated: 0, skipped: 0, cancelled: 0, failed: 0 };

/**
 * @throws {SyncError} `NOT_CONNECTED`, `NEED_RECONSENT`, `CALENDAR_NOT_FOUND`, `PREVIEW_OUTDATED`, what the provider refuses
 * with, and `IMPORT_FAILED` for everything else
 */
export async function importNow(
  deps: Importing,
  ctx: Pick<Context, 'step' | 'note' | 'log' | 'waitUntil'>,
  member: Member,
  body: ImportRequest,
): Promise<ImportSummary> {
  try {
    return await deps.employ((worker) => new PersonalImport(deps, ctx, member, body, worker).run());
  } catch (cause) {
    if (cause instanceof SyncError && cause.code !== 'SYNC_FAILED' && cause.code !== 'CURSOR_EXPIRED') throw cause;
    const context = cause instanceof SyncError ? cause.context : {};
    throw new SyncError('IMPORT_FAILED', 'Import calendar: unexpected error', { cause, context });
  }
}

class PersonalImport {
  readonly #budget = new WorkBudget();
  readonly #deadlineAt: number;

  constructor(
    private readonly deps: Importing,
    private readonly ctx: Pick<Context, 'step' | 'note' | 'log' | 'waitUntil'>,
    private readonly member: Member,
    private readonly body: ImportRequest,
    private readonly worker: string,
  ) {
    this.#deadlineAt = deps.now() + Math.min(deps.drainDeadlineMs, REQUEST_DEADLINE_MS);
  }

  /** The request is kept in the database until it is answered: this invocation reads what it may, and waits for the rest. */
  async run(): Promise<ImportSummary> {
    const { deps, ctx, body } = this;
    ctx.step('find_connection');
    const { integration, handle } = await accountOf(deps, this.member);
    ctx.step('find_calendar');
    await checkCalendar(deps.calendar, handle, body.calendarId);
    ctx.note({ integration: integration.integrationId });
    ctx.step('begin_import');
    let asked = await this.#ask();
    while (true) {
      ctx.note({ integration: integration.integrationId, run: asked.runId });
      const answer = await this.#answerOf(asked);
      if (answer !== null) return answer;
      if (deps.now() >= this.#deadlineAt) break;
      asked = await this.#ask();
    }
    ctx.waitUntil(deps.succeed(), 'wake');
    return this.#answer(asked.runId, null);
  }

  async #ask(): Promise<AskedImport> {
    const { calendarId, timeMin: from = null, timeMax: to = null, mode, fingerprint = null } = this.body;
    const itemsLimit = mode === 'preview' ? PREVIEW_ITEMS : 0;
    return await this.deps.requests.ask(
      this.member,
      { calendarId, from, to, mode, fingerprint, itemsLimit },
      { worker: this.worker, leaseSeconds: IMPORT_LEASE_SECONDS, work: !this.#budget.spent },
    );
  }

  /** Null while there is none. */
  async #answerOf({ runId, lane, result }: AskedImport): Promise<ImportSummary | null> {
    const { deps, ctx } = this;
    if (result !== null) {
      // Another worker has done that.
      ctx.step('read_calendar');
      if (!('error' in result)) return this.#answer(runId, result);
      const code = isErrorCode(result.error) ? result.error : 'IMPORT_FAILED';
      throw new SyncError(code, 'Import calendar: the run has failed');
    }
    if (lane === null) {
      await deps.sleep(POLL_MS);
      return null;
    }
    ctx.step('read_calendar');
    const terms = { worker: this.worker, deadlineAt: this.#deadlineAt, budget: this.#budget };
    const outcome = await readCalendar(lane, deps.worker(ctx), terms);
    if (lane.runId === runId && outcome.kind === 'finished') {
      // What was told meanwhile found the calendar in our hands.
      const { againInMs } = outcome.result;
      ctx.waitUntil(drainAll(deps, ctx, { budget: this.#budget, againInMs }), 'drain');
      return this.#answer(runId, outcome.result);
    }
    // A cursor that had expired is followed by a full reading, under the same request.
    if (lane.runId === runId && outcome.kind === 'failed' && outcome.error.code !== 'CURSOR_EXPIRED') {
      throw outcome.error;
    }
    if (outcome.kind === 'suspended' && deps.now() < this.#deadlineAt) ctx.waitUntil(deps.succeed(), 'wake');
    if (outcome.kind === 'lost') await deps.sleep(POLL_MS);
    return null;
  }

  #answer(runId: string, result: ImportResult | null): ImportSummary {
    if (result?.mismatch) throw new SyncError('PREVIEW_OUTDATED', 'Import calendar: it has changed meanwhile');
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
