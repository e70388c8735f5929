/** What a fault changes in the world just before the request that meets it. */
import { patchedContent } from './event_body.ts';
import type { FaultAction } from './fault_actions.ts';
import type { Grants } from './grants.ts';
import type { Scene } from './scene.ts';
import type { StoredEvent } from './world.ts';

export interface Target {
  readonly scene: Scene;
  readonly grants: Grants;
  readonly account: string | null;
  readonly calendarId: string | null;
  readonly event: StoredEvent | null;
  readonly now: number;
}

/** Applies the parts of an action that happen to the account, the calendar or the event. */
export function interfere(action: FaultAction, target: Target): void {
  const { scene: { world }, grants, account } = target;
  if (account !== null && action.revokeGrant) {
    grants.revokeAccount(account, action.revokeGrant === true ? undefined : action.revokeGrant);
  }
  if (action.expireAccessTokens) grants.expireAccessTokens(account);
  const calendar = world.calendars.get(target.calendarId ?? '');
  if (!calendar) return;
  if (action.calendarDeleted) calendar.deleted = true;
  if (action.calendarReadOnly) calendar.canEdit = false;
  if (action.expireSyncTokens) calendar.generation++;
  if (target.event) changeEvent(action, target.event, target);
}

function changeEvent(action: FaultAction, event: StoredEvent, { scene, now }: Target): void {
  const { world, settings } = scene;
  const goal = action.moveFirst === undefined ? null : world.calendars.get(action.moveFirst);
  if (action.editFirst) Object.assign(event, patchedContent(event, action.editFirst, settings));
  if (action.deleteFirst) event.deleted = true;
  if (action.editFirst || action.deleteFirst) {
    const calendar = world.put(event, now);
    if (calendar) scene.changed(calendar, event, action.deleteFirst ? 'deleted' : 'updated');
  }
  if (goal) moveEvent(scene, event, goal.id, now);
}

/** The person drags an event into another of their calendars. */
export function moveEvent(scene: Scene, event: StoredEvent, calendarId: string, now: number): void {
  const from = scene.world.calendars.get(event.calendarId);
  const to = scene.world.calendars.get(calendarId);
  if (!from || !to || to.account !== event.account) throw new TypeError(`Could not move the event to ${calendarId}`);
  scene.world.move(event, to, now);
  scene.changed(from, event, 'deleted');
  scene.changed(to, event, 'created');
}
