/** What each function of one provider works with: its adapter, people's connections, and what `Setup` has of the world. */
import type { Owner } from '../db/connect_flows.ts';
import { credentialStore } from '../db/credentials.ts';
import { type Integrations, integrations, type IntegrationStatus } from '../db/integrations.ts';
import { SyncError } from '../errors.ts';
import type { Setup } from '../http/edge_function.ts';
import type { ConnectionHandle } from '../providers/port/account.ts';
import type { CalendarProvider } from '../providers/port/provider.ts';
import type { CredentialStore } from '../sync/shared/credentials.ts';
import { connectionHandle, type KnownToken } from './credentials.ts';

export interface ProviderContext extends Setup, CalendarProvider {
  readonly integrations: Integrations;
  readonly credentials: CredentialStore;
  readonly sleep: (ms: number) => Promise<void>;
  /** `known`: what a claim brought along. */
  readonly handleOf: (integrationId: string, known: KnownToken | null) => ConnectionHandle;
}

export function providerContext<Provider extends CalendarProvider>(
  setup: Setup,
  provider: Provider,
): ProviderContext & Provider {
  const { name, oauth } = provider;
  const store = credentialStore(setup.rpc);
  return {
    ...setup,
    ...provider,
    integrations: integrations(setup.rpc, name),
    credentials: store,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    handleOf: (integrationId, known) => connectionHandle({ integrationId, known, oauth, store }),
  };
}

type Accounts = Pick<ProviderContext, 'integrations' | 'handleOf'>;

/** @throws {SyncError} `NOT_CONNECTED` */
export async function connectedIntegration({ integrations }: Accounts, owner: Owner): Promise<IntegrationStatus> {
  const found = await integrations.status(owner);
  if (found === null || !found.connected) {
    throw new SyncError('NOT_CONNECTED', 'Find connection: no account is connected');
  }
  return found;
}

/**
 * A handle on a connected account. Asking with a grant that is known to be dead would only be refused again.
 *
 * @throws {SyncError} `NEED_RECONSENT`
 */
export function openAccount({ handleOf }: Accounts, { integrationId, status }: IntegrationStatus): ConnectionHandle {
  if (status === 'reconnect_required') {
    throw new SyncError('NEED_RECONSENT', 'Open account: the grant has ended');
  }
  return handleOf(integrationId, null);
}
