/** A connection as `GET status` shows it, for tests that need one: connected, everything chosen, nothing done yet. */
import type { IntegrationStatus } from '../supabase/functions/_shared/contract/connection.ts';

const ACCOUNT = 'claire@gmail.test';
const CALENDAR = { id: ACCOUNT, name: 'Claire' };

export const CONNECTION = {
  connected: true,
  status: 'connected',
  account: { email: ACCOUNT },
  targetCalendar: CALENDAR,
  sourceCalendar: CALENDAR,
  settings: {
    calendar_target_id: ACCOUNT,
    calendar_source_id: ACCOUNT,
    export_enabled: true,
    import_enabled: true,
    import_range_default: '30d',
    import_as: 'event',
    two_way: 'review',
    event_detail: 'full',
    scope: 'practitioner',
  },
  lastSyncAt: null,
  lastImportAt: null,
  pending: 0,
  failed: 0,
  openConflicts: 0,
  lastError: null,
  removingEvents: false,
  pendingAccount: null,
  eventsInAccount: 0,
  paused: null,
} satisfies IntegrationStatus;
