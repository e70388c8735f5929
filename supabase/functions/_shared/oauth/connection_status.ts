/** What a person sees of their connection (`GET status`). */
import type { IntegrationStatus } from '../contract/connection.ts';
import type { IntegrationStatus as StoredStatus } from '../db/integrations.ts';
import { errorMessage } from '../error_messages/error_message.ts';
import { isErrorCode } from '../errors.ts';
import type { Language } from '../http/language.ts';

const NEVER_CONNECTED: IntegrationStatus = {
  connected: false,
  status: null,
  account: null,
  targetCalendar: null,
  sourceCalendar: null,
  settings: null,
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
};

export function connectionStatus(stored: StoredStatus | null, language: Language): IntegrationStatus {
  if (stored === null) return NEVER_CONNECTED;
  const { integrationId: _internal, lastError, ...shown } = stored;
  // The stored message is for engineers; a person reads the one that belongs to the code.
  const message = lastError !== null && isErrorCode(lastError.code)
    ? errorMessage(lastError.code, language)
    : lastError?.message ?? null;
  return { ...shown, lastError: lastError === null ? null : { code: lastError.code, message } };
}
