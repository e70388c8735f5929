/** Changing a connection's settings. A calendar counts only if it is in the person's own list at the moment of choosing. */
import type { SettingsChange } from '../contract/requests.ts';
import type { Owner } from '../db/connect_flows.ts';
import type { IntegrationStatus } from '../db/integrations.ts';
import { SyncError } from '../errors.ts';
import type { CalendarInfo } from '../providers/port/calendar.ts';
import type { Connection, Trace } from './connection.ts';
import { connectedIntegration, openAccount } from './provider_context.ts';

function find(calendars: readonly CalendarInfo[], id: string): CalendarInfo {
  const calendar = calendars.find((candidate) => candidate.id === id);
  if (calendar === undefined) throw new SyncError('CALENDAR_NOT_FOUND', 'Choose calendar: not in the account’s list');
  return calendar;
}

/**
 * @throws {SyncError} `NOT_CONNECTED`, `CALENDAR_NOT_FOUND`, `CALENDAR_READ_ONLY`, `NEED_RECONSENT`, and for an export that starts
 *   before target and level were chosen `NO_TARGET_CALENDAR` or `NO_EVENT_DETAIL`
 */
export async function changeSettings(
  deps: Connection,
  owner: Owner,
  change: SettingsChange,
  trace: Trace,
): Promise<IntegrationStatus> {
  const integration = await connectedIntegration(deps, owner);
  const names: { calendar_target_name?: string; calendar_source_name?: string } = {};
  const { calendar_target_id: target, calendar_source_id: source } = change;
  if (target !== undefined || source !== undefined) {
    trace.step('list_calendars');
    const calendars = await deps.calendar.listCalendars(openAccount(deps, integration));
    trace.note({ integration: integration.integrationId, calendars: calendars.length });
    if (target !== undefined) {
      const { canWrite, name } = find(calendars, target);
      if (!canWrite) throw new SyncError('CALENDAR_READ_ONLY', 'Choose calendar: it may not be written');
      names.calendar_target_name = name;
    }
    if (source !== undefined) names.calendar_source_name = find(calendars, source).name;
  }
  trace.step('store_settings');
  trace.note({ integration: integration.integrationId, settings: Object.keys(change) });
  if (Object.keys(change).length === 0) return integration;
  return await deps.integrations.update(owner, { ...change, ...names });
}
