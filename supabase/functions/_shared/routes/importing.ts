/** What the import routes of one provider work with. */
import { z } from 'zod';
import { type ImportRequests, importRequests, importStore } from '../db/inbound.ts';
import { type Workers, workers } from '../db/workers.ts';
import type { IntegrationStatus } from '../db/integrations.ts';
import { SyncError } from '../errors.ts';
import { readEnvironment, urlVariable } from '../http/environment.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import { randomToken } from '../oauth/base64url.ts';
import { connectedIntegration, openAccount, type ProviderContext } from '../oauth/provider_context.ts';
import type { ConnectionHandle } from '../providers/port/account.ts';
import type { CalendarAccess } from '../providers/port/calendar.ts';
import { drainImports, type ImportDrainOptions, type ImportWorkerDeps } from '../sync/inbound/worker.ts';
import { WorkBudget } from '../sync/shared/work_budget.ts';

const DRAIN_DEADLINE_MS = 50_000;

const milliseconds = z.coerce.number().int().min(1000).max(140_000).optional();

type Used = 'calendar' | 'notices' | 'integrations' | 'handleOf' | 'now' | 'sleep';

export interface Importing extends Pick<ProviderContext, Used>, Pick<Workers, 'employ' | 'leaving'> {
  readonly requests: ImportRequests;
  /** How long an invocation may work in the background. */
  readonly drainDeadlineMs: number;
  /** Another invocation goes on: woken directly, or by the database where that fails. */
  succeed(): Promise<void>;
  worker(ctx: Pick<Context, 'log'>): ImportWorkerDeps;
}

export function importing(context: ProviderContext): Importing {
  const { name, rpc, wake, onUnload } = context;
  const { IMPORT_DEADLINE_MS } = readEnvironment(context.environment, { IMPORT_DEADLINE_MS: milliseconds });
  const store = importStore(rpc, name);
  const requests = importRequests(rpc, name);
  const succeed = async () => {
    if (!await wake(`${name}-import`)) await requests.nudge();
  };
  const { employ, leaving } = workers({ rpc, onUnload, succeed });
  return {
    ...context,
    employ,
    leaving,
    succeed,
    requests,
    drainDeadlineMs: IMPORT_DEADLINE_MS ?? DRAIN_DEADLINE_MS,
    worker: ({ log }) => ({
      ...context,
      store,
      leaving,
      newId: () => crypto.randomUUID(),
      newSecret: randomToken,
      notificationAddress: notificationAddress(context),
      log,
    }),
  };
}

/** Where the provider calls: this project, unless it is reached from outside under another address. */
function notificationAddress({ environment, name }: ProviderContext): string {
  const override = `${name.toUpperCase()}_WEBHOOK_URL`;
  const read = readEnvironment(environment, { SUPABASE_URL: urlVariable, [override]: urlVariable.optional() });
  return read[override] ?? `${read.SUPABASE_URL}/functions/v1/${name}-import/notifications`;
}

/** Reads whatever is due, in the background, and asks for another invocation if that was not all. */
export async function drainAll(
  deps: Importing,
  ctx: Pick<Context, 'log'>,
  { budget = new WorkBudget(), againInMs = null }: Partial<Pick<ImportDrainOptions, 'budget' | 'againInMs'>> = {},
): Promise<void> {
  const options = { deadlineMs: deps.drainDeadlineMs, budget, againInMs };
  const { remaining } = await deps.employ((worker) => drainImports(deps.worker(ctx), { worker, ...options }));
  if (remaining && !deps.leaving()) await deps.succeed();
}

/**
 * The person's account, and a handle on it.
 *
 * @throws {SyncError} `NOT_CONNECTED`, `NEED_RECONSENT`
 */
export async function accountOf(
  deps: Importing,
  member: Member,
): Promise<{ integration: IntegrationStatus; handle: ConnectionHandle }> {
  const integration = await connectedIntegration(deps, member);
  return { integration, handle: openAccount(deps, integration) };
}

/** @throws {SyncError} `CALENDAR_NOT_FOUND`: it is not in the account's own list */
export async function checkCalendar(
  calendar: CalendarAccess,
  handle: ConnectionHandle,
  calendarId: string,
): Promise<void> {
  const calendars = await calendar.listCalendars(handle);
  if (calendars.some(({ id }) => id === calendarId)) return;
  throw new SyncError('CALENDAR_NOT_FOUND', 'Find calendar: not in the account’s list');
}
