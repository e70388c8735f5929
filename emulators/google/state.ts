/** A readable picture of everything that happened, for tests and for people. */
import type { JsonObject } from './answers.ts';
import type { Violation } from './api.ts';
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

export interface EmulatorState {
  /** ISO 8601, by the emulator's clock. */
  readonly now: string;
  readonly settings: Settings;
  readonly accounts: readonly AccountState[];
  readonly calendars: readonly CalendarState[];
  /** Every stored event as its owner sees it, cancelled ones in full, with its `calendarId`. */
  readonly events: ReadonlyArray<JsonObject & { calendarId: string }>;
  readonly mails: readonly Mail[];
  readonly requests: {
    readonly total: number;
    /** Method → status → how often. */
    readonly byMethod: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  /** The newest requests, oldest first. */
  readonly calls: readonly LoggedCall[];
  /** `calendar/event` → inserts asked for, and answered with 200. */
  readonly inserts: Readonly<Record<string, { asked: number; created: number }>>;
  /** Units of the whole project. */
  readonly units: MeterState;
  readonly faults: ReadonlyArray<{ id: string; rule: FaultRule; matched: number; fired: number }>;
  readonly violations: readonly Violation[];
  readonly channels: readonly JsonObject[];
  readonly deliveries: readonly Delivery[];
  /** Real milliseconds: the emulator's own work, and waiting on purpose. */
  readonly timing: { readonly requests: number; readonly processingMs: number; readonly waitedMs: number };
}

export function readState(emulator: GoogleEmulator): EmulatorState {
  const { scene, grants, quota, faults, channels, log, violations, timing, parallel } = emulator.session;
  const { world } = scene;
  const now = emulator.now();
  const calendars = [...world.calendars.values()];
  return {
    now: new Date(now).toISOString(),
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
    requests: { total: log.total, byMethod: log.counts() },
    calls: log.calls(),
    inserts: log.inserts(),
    units: quota.projectState(),
    faults: faults.list(),
    violations,
    channels: channels.state(),
    deliveries: channels.deliveries,
    timing: { requests: timing.requests, processingMs: timing.processingMs, waitedMs: timing.waitedMs },
  };
}
