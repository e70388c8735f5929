/** A readable picture of everything that happened, for tests and for people. */
import { type SharedState, sharedState } from '../core/state.ts';
import type { JsonObject } from './answers.ts';
import type { LoggedCall } from './call_log.ts';
import type { Delivery } from './channels.ts';
import type { GoogleEmulator } from './emulator.ts';
import { renderEvent } from './event_view.ts';
import type { FaultRule } from './faults.ts';
import type { MeterState } from './quota.ts';
import type { Mail } from './scene.ts';
import type { Settings } from './settings.ts';

export interface AccountState {
  readonly email: string;
  readonly sub: string;
  /** Full scope names that the project holds now. */
  readonly scopes: readonly string[];
  readonly accessTokens: number;
  readonly refreshTokens: number;
  readonly units: MeterState;
  /** Most requests under way at once. */
  readonly peakParallel: number;
}

export interface CalendarState {
  readonly id: string;
  readonly summary: string;
  readonly timeZone: string;
  readonly deleted: boolean;
  /** E-mail → role. */
  readonly access: Readonly<Record<string, string>>;
  /** Events that are not cancelled, and that are. */
  readonly live: number;
  readonly cancelled: number;
}

export interface EmulatorState extends SharedState<LoggedCall, FaultRule> {
  readonly settings: Settings;
  readonly accounts: readonly AccountState[];
  readonly calendars: readonly CalendarState[];
  /** Every stored event as its owner sees it, cancelled ones in full, with its `calendarId`. */
  readonly events: ReadonlyArray<JsonObject & { calendarId: string }>;
  readonly mails: readonly Mail[];
  /** Units of the whole project. */
  readonly units: MeterState;
  readonly channels: readonly JsonObject[];
  readonly deliveries: readonly Delivery[];
}

export function readState(emulator: GoogleEmulator): EmulatorState {
  const { scene, grants, quota, channels, parallel } = emulator.session;
  const { world } = scene;
  const now = emulator.now();
  const calendars = [...world.calendars.values()];
  return {
    ...sharedState(emulator.session),
    settings: scene.settings,
    accounts: [...world.accounts.values()].map(({ email, sub }) => ({
      email,
      sub,
      scopes: [...grants.consentOf(email)],
      ...grants.counts(email, now),
      units: quota.state(email),
      peakParallel: parallel.peakOf(email),
    })),
    calendars: calendars.map((calendar) => {
      const events = [...calendar.events.values()];
      const cancelled = events.filter((event) => event.status === 'cancelled').length;
      return {
        id: calendar.id,
        summary: calendar.summary,
        timeZone: calendar.timeZone,
        deleted: calendar.deleted,
        access: Object.fromEntries(calendar.access),
        live: events.length - cancelled,
        cancelled,
      };
    }),
    events: calendars.flatMap((calendar) =>
      [...calendar.events.values()].map((event) => ({
        calendarId: calendar.id,
        ...renderEvent(event, { calendar, viewer: event.creator, role: 'owner', publicUrl: scene.publicUrl }),
      }))
    ),
    mails: scene.mails,
    units: quota.projectState(),
    channels: channels.state(),
    deliveries: channels.deliveries,
  };
}
