/** What the connect, callback, settings and disconnect flows of one provider work with. */
import { z } from 'zod';
import { type ConnectFlows, connectFlows, type Owner } from '../db/connect_flows.ts';
import { credentialStore } from '../db/credentials.ts';
import { type Integrations, integrations, type IntegrationStatus } from '../db/integrations.ts';
import { SyncError } from '../errors.ts';
import type { Setup } from '../http/edge_function.ts';
import { readEnvironment } from '../http/environment.ts';
import type { Context } from '../http/route.ts';
import type { CalendarInfo, CalendarProvider } from '../providers/calendar_provider.ts';
import type { CredentialStore } from '../sync/shared/credentials.ts';
import { connectionHandle } from './credentials.ts';
import { type StateSigner, stateSigner } from './state.ts';

export interface Connection {
  readonly provider: CalendarProvider;
  /** The callback's address as registered with the provider. */
  readonly redirectUri: string;
  readonly appBaseUrl: string;
  readonly states: StateSigner;
  readonly flows: ConnectFlows;
  readonly integrations: Integrations;
  readonly credentials: CredentialStore;
  /** Lets the sync begin with what a person has set in motion, without waiting for the database's queue of requests. */
  readonly wakeSync: () => Promise<unknown>;
}

/** How a flow tells the log what it does. */
export type Trace = Pick<Context, 'step' | 'note' | 'fail'>;

export interface ConnectionOptions {
  readonly provider: CalendarProvider;
  readonly redirectUri: string;
}

export function connection(setup: Setup, { provider, redirectUri }: ConnectionOptions): Connection {
  const { OAUTH_STATE_SECRET } = readEnvironment(setup.environment, { OAUTH_STATE_SECRET: z.string().min(32) });
  const name = provider.capabilities().provider;
  return {
    provider,
    redirectUri,
    appBaseUrl: setup.appBaseUrl,
    states: stateSigner({ secret: OAUTH_STATE_SECRET, provider: name, now: setup.now }),
    flows: connectFlows(setup.rpc, name),
    integrations: integrations(setup.rpc, name),
    credentials: credentialStore(setup.rpc),
    wakeSync: () => setup.wake(`${name}-sync`),
  };
}

/** @throws {SyncError} `NOT_CONNECTED` */
export async function connectedIntegration({ integrations }: Connection, owner: Owner): Promise<IntegrationStatus> {
  const found = await integrations.status(owner);
  if (found === null || !found.connected) {
    throw new SyncError('NOT_CONNECTED', 'Find connection: no account is connected');
  }
  return found;
}

/** The calendars of a connected account, asked of the provider each time: rights on them change without notice. */
export async function listCalendars(deps: Connection, integration: IntegrationStatus): Promise<CalendarInfo[]> {
  // Asking with a grant that is known to be dead would only be refused again.
  if (integration.status === 'reconnect_required') {
    throw new SyncError('NEED_RECONSENT', 'List calendars: the grant has ended');
  }
  return await deps.provider.listCalendars(handleOf(deps, integration.integrationId));
}

export function handleOf({ provider, credentials }: Connection, integrationId: string) {
  return connectionHandle({ integrationId, known: null, provider, store: credentials });
}
