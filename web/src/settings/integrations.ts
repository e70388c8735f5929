/** The calendar accounts of a practice, from their table. */
import type { ConnectionStatus } from '../../../supabase/functions/_shared/vocabulary.ts';
import { askAll } from '../backend/ask.ts';
import type { Backend } from '../backend/backend.ts';
import type { Membership } from '../backend/members.ts';

export interface Integration {
  readonly id: string;
  readonly user_id: string;
  readonly provider: string;
  readonly account_email: string | null;
  readonly status: ConnectionStatus;
  readonly export_enabled: boolean;
  readonly import_enabled: boolean;
  readonly last_sync_at: string | null;
  readonly created_at: string;
  readonly disconnected_at: string | null;
  readonly removing_events_since: string | null;
}

const COLUMNS =
  'id, user_id, provider, account_email, status, export_enabled, import_enabled, last_sync_at, created_at, ' +
  'disconnected_at, removing_events_since';

/** Also those that were disconnected: the journal still speaks of them. */
export function readIntegrations({ db }: Backend, member: Membership, signal?: AbortSignal): Promise<Integration[]> {
  return askAll<Integration>('integrations.read', (first, last) => {
    const request = db.from('calendar_integrations').select(COLUMNS)
      .eq('organisation_id', member.organisation.id).order('created_at').order('id').range(first, last);
    return signal === undefined ? request : request.abortSignal(signal);
  });
}

/** One word for the state of a connection, the same everywhere. `idle`: it is there, and nothing goes either way. */
export type ConnectionState = ConnectionStatus | 'none' | 'idle' | 'removing';

export function stateOf(integration: Integration | undefined): ConnectionState {
  if (integration === undefined) return 'none';
  if (integration.removing_events_since !== null && integration.disconnected_at === null) return 'removing';
  if (integration.disconnected_at !== null) return 'none';
  const idle = integration.status === 'connected' && !integration.export_enabled && !integration.import_enabled;
  return idle ? 'idle' : integration.status;
}
