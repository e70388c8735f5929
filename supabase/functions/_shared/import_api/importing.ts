/** What the import routes of one provider work with. */
import { z } from 'zod';
import { credentialStore } from '../db/credentials.ts';
import { type ImportRequests, importRequests, importStore } from '../db/inbound.ts';
import { type Workers, workers } from '../db/workers.ts';
import { type Integrations, integrations, type IntegrationStatus } from '../db/integrations.ts';
import { SyncError } from '../errors.ts';
import type { Setup } from '../http/edge_function.ts';
import { readEnvironment, urlVariable } from '../http/environment.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import { randomToken } from '../oauth/base64url.ts';
import { connectionHandle } from '../oauth/credentials.ts';
import type { CalendarProvider, ConnectionHandle } from '../providers/calendar_provider.ts';
import { drainImports, type ImportWorkerDeps } from '../sync/inbound/worker.ts';
import { WorkBudget } from '../sync/shared/work_budget.ts';

const DRAIN_DEADLINE_MS = 50_000;

const milliseconds = z.coerce.number().int().min(1000).max(140_000).optional();

export interface Importing extends Pick<Workers, 'employ' | 'leaving'> {
  readonly provider: CalendarProvider;
  readonly integrations: Integrations;
  readonly requests: ImportRequests;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly handleOf: ImportWorkerDeps['handleOf'];
  /** How long an invocation may work in the background. */
  readonly drainDeadlineMs: number;
  /** Another invocation goes on: woken directly, or by the database where that fails. */
  succeed(): Promise<void>;
  worker(ctx: Pick<Context, 'log'>): ImportWorkerDeps;
}

export interface ImportingOptions {
  readonly setup: Setup;
  readonly provider: CalendarProvider;
}

export function importing({ setup, provider }: ImportingOptions): Importing {
  const name = provider.capabilities().provider;
  const store = importStore(setup.rpc, name);
  const credentials = credentialStore(setup.rpc);
  const { IMPORT_DEADLINE_MS } = readEnvironment(setup.environment, { IMPORT_DEADLINE_MS: milliseconds });
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const handleOf: ImportWorkerDeps['handleOf'] = (integrationId, known) =>
    connectionHandle({ integrationId, known, provider, store: credentials });
  const requests = importRequests(setup.rpc, name);
  const succeed = async () => {
    if (!await setup.wake(`${name}-import`)) await requests.nudge();
  };
  const { employ, leaving } = workers({ rpc: setup.rpc, onUnload: setup.onUnload, succeed });
  return {
    provider,
    employ,
    leaving,
    succeed,
    integrations: integrations(setup.rpc, name),
    requests,
    now: setup.now,
    sleep,
    handleOf,
    drainDeadlineMs: IMPORT_DEADLINE_MS ?? DRAIN_DEADLINE_MS,
    worker: ({ log }) => ({
      store,
      provider,
      credentials,
      handleOf,
      now: setup.now,
      sleep,
      leaving,
      newId: () => crypto.randomUUID(),
      newSecret: randomToken,
      notificationAddress: notificationAddress(setup, name),
      log,
    }),
  };
}

/** Where the provider calls: this project, unless it is reached from outside under another address. */
function notificationAddress({ environment }: Setup, provider: string): string {
  const override = `${provider.toUpperCase()}_WEBHOOK_URL`;
  const read = readEnvironment(environment, { SUPABASE_URL: urlVariable, [override]: urlVariable.optional() });
  return read[override] ?? `${read.SUPABASE_URL}/functions/v1/${provider}-import/notifications`;
}

/** Reads whatever is due, in the background, and asks for another invocation if that was not all. */
export async function drainAll(
  deps: Importing,
  ctx: Pick<Context, 'log'>,
  budget = new WorkBudget(),
): Promise<void> {
  const { drainDeadlineMs: deadlineMs } = deps;
  const { remaining } = await deps.employ((worker) => drainImports(deps.worker(ctx), { worker, deadlineMs, budget }));
  if (remaining && !deps.leaving()) await deps.succeed();
}

/**
 * The person's account, and a handle on it. Asking with a grant that is known to be dead would only be refused again.
 *
 * @throws {SyncError} `NOT_CONNECTED`, `NEED_RECONSENT`
 */
export async function openAccount(
  deps: Importing,
  member: Member,
): Promise<{ integration: IntegrationStatus; handle: ConnectionHandle }> {
  const integration = await deps.integrations.status(member);
  if (integration === null || !integration.connected) {
    throw new SyncError('NOT_CONNECTED', 'Find connection: no account is connected');
  }
  if (integration.status === 'reconnect_required') {
    throw new SyncError('NEED_RECONSENT', 'Find connection: the grant has ended');
  }
  return { integration, handle: deps.handleOf(integration.integrationId, null) };
}

/** @throws {SyncError} `CALENDAR_NOT_FOUND`: it is not in the account's own list */
export async function checkCalendar(
  provider: CalendarProvider,
  handle: ConnectionHandle,
  calendarId: string,
): Promise<void> {
  const calendars = await provider.listCalendars(handle);
  if (calendars.some(({ id }) => id === calendarId)) return;
  throw new SyncError('CALENDAR_NOT_FOUND', 'Find calendar: not in the account’s list');
}
