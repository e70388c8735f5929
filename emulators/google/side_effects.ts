/** What a fault changes in the world just before the request that meets it. */
import { canonicalEvent, mergePatch, rawOf } from './event_body.ts';
import type { FaultAction } from './faults.ts';
import type { Grants } from './grants.ts';
import type { Scene } from './scene.ts';

export interface Target {
  readonly scene: Scene;
  readonly grants: Grants;
  readonly account: string | null;
  readonly calendarId: string | null;
  readonly eventId: string | null;
  readonly now: number;
}

/** Applies the parts of an action that happen to the account, the calendar or the event. */
export function interfere(action: FaultAction, target: Target): void {
  const { scene: { world }, grants, account, now } = target;
  if (account !== null && action.revokeGrant) grants.revokeAccount(account);
  if (action.expireAccessTokens) grants.expireAccessTokens(account);
  const calendar = world.calendars.get(target.calendarId ?? '');
  if (!calendar) return;
  if (action.calendarDeleted) world.deleteCalendar(calendar, now);
  if (action.calendarReadOnly && account !== null) world.changeAccess(calendar, account, 'reader');
  if (action.expireSyncTokens) calendar.syncGeneration++;
  const event = calendar.events.get(target.eventId ?? '');
  if (!event || !(action.editFirst || action.deleteFirst)) return;
  if (action.editFirst) {
    const content = canonicalEvent(mergePatch(rawOf(event), action.editFirst), calendar, target.scene.settings);
    Object.assign(event, content);
  }
  if (action.deleteFirst) event.status = 'cancelled';
  event.updated = event.version = world.stamp(now);
  world.put(calendar, event);
  target.scene.changed(calendar);
}
