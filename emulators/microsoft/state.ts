/** A readable picture of everything that happened, for tests and for people. */
import { type SharedState, sharedState } from '../core/state.ts';
import type { JsonObject } from '../core/answers.ts';
import type { LoggedCall } from '../core/call_log.ts';
import type { MicrosoftEmulator } from './emulator.ts';
import { renderEvent } from './event_view.ts';
import type { FaultRule } from './fault_actions.ts';
import type { Delivery } from './notifications.ts';
import { preferencesOf } from './prefer.ts';
import type { Mail } from '../core/mail.ts';
import type { Settings } from './settings.ts';
import type { MeterState } from './throttle.ts';

export interface AccountState {
  readonly email: string;
  readonly tid: string;
  readonly oid: string;
  /** Short scope names that the app holds now. */
  readonly scopes: readonly string[];
  readonly accessTokens: number;
  readonly refreshTokens: number;
  readonly requests: MeterState;
  /** Most requests under way at once, refused ones included. */
  readonly peakParallel: number;
}

export interface CalendarState {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly canEdit: boolean;
  readonly deleted: boolean;
  /** Events that are there, and in Deleted Items. */
  readonly live: number;
  readonly gone: number;
}

/** An event as its owner sees it: immutable id, UTC, text body; and what no answer shows. */
export type EventState = JsonObject & {
  readonly calendarId: string;
  readonly restId: string;
  readonly deleted: boolean;
  /** Name of each extended property → its value. */
  readonly tags: Readonly<Record<string, string>>;
};

export interface EmulatorState extends SharedState<LoggedCall, FaultRule> {
  readonly settings: Settings;
  readonly accounts: readonly AccountState[];
  readonly calendars: readonly CalendarState[];
  /** Every stored event, deleted ones and changed occurrences too. */
  readonly events: readonly EventState[];
  readonly mails: readonly Mail[];
  readonly subscriptions: readonly JsonObject[];
  readonly deliveries: readonly Delivery[];
}

const SEEN = preferencesOf(new Headers({ prefer: 'IdType="ImmutableId", outlook.body-content-type="text"' }));

export function readState(emulator: MicrosoftEmulator): EmulatorState {
  const { scene, grants, throttle, subscriptions, parallel } = emulator.session;
  const { world } = scene;
  const now = emulator.now();
  const calendars = [...world.calendars.values()];
  return {
    ...sharedState(emulator.session),
    settings: scene.settings,
    accounts: [...world.accounts.values()].map(({ email, tenantId, objectId }) => ({
      email,
      tid: tenantId,
      oid: objectId,
      scopes: [...grants.consentOf(email)],
      ...grants.counts(email, now),
      requests: throttle.state(email),
      peakParallel: parallel.peakOf(email),
    })),
    calendars: calendars.map((calendar) => {
      const events = world.eventsOf(calendar);
      const gone = events.filter(({ deleted }) => deleted).length;
      return {
        id: calendar.id,
        account: calendar.account,
        name: calendar.name,
        isDefault: calendar.isDefault,
        canEdit: calendar.canEdit,
        deleted: calendar.deleted,
        live: events.length - gone,
        gone,
      };
    }),
    events: calendars.flatMap((calendar) =>
      world.eventsOf(calendar).map((event) => ({
        ...renderEvent(world, event, SEEN),
        calendarId: calendar.id,
        restId: event.restId,
        deleted: event.deleted,
        tags: Object.fromEntries([...event.tags.values()].map(({ id, value }) => [id, value])),
      }))
    ),
    mails: scene.mails,
    subscriptions: subscriptions.state(),
    deliveries: subscriptions.deliveries,
  };
}
