import { describe, expect, test } from 'vitest';
import type { EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import type { Job, LaneSettings } from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import { explain, type Observation } from '../../../../supabase/functions/_shared/sync/outbound/explain.ts';
import { decide } from '../../../../supabase/functions/_shared/sync/outbound/decide.ts';
import { SKIP_REASONS, WAITS } from '../../../../supabase/functions/_shared/vocabulary.ts';
import { aJob, aLane, aLink, anAppointment } from './lane_world.ts';

const OPTIONS = { appBaseUrl: 'https://app.test', normalize: (content: EventContent) => content };
const NOW = '2026-11-28T08:00:00.000Z';
const LATER = '2026-11-28T08:05:00.000Z';
const EARLIER = '2026-11-28T07:55:00.000Z';
const QUEUED = { since: EARLIER, dueAt: EARLIER, parkedAt: null, lastErrorCode: null };

interface Change {
  readonly job?: Partial<Job>;
  readonly settings?: Partial<LaneSettings>;
  readonly queued?: Partial<NonNullable<Observation['queued']>>;
  readonly connection?: Partial<Observation['connection']>;
  readonly asked?: boolean;
  readonly event?: Partial<Observation['event']>;
}

function explained({ job, settings = {}, queued, connection, asked = false, event }: Change = {}) {
  return explain({
    now: NOW,
    lane: aLane({ settings }),
    job: aJob(job),
    queued: queued === undefined ? null : { ...QUEUED, ...queued },
    connection: {
      status: 'connected',
      errorCode: null,
      exportEnabled: true,
      stopped: false,
      leasedUntil: null,
      pausedUntil: null,
      pauseCode: null,
      ...connection,
    },
    asked,
    event: { syncedAt: null, driftedAt: null, errorCode: null, ...event },
  }, OPTIONS);
}

const created = decide(aJob(), aLane(), OPTIONS);
const content = created.kind === 'create' ? created.desired : null;
const live = aLink({ pushed: content, base: content });

describe('what an appointment waits for', () => {
  const cases: Array<[typeof WAITS[number], Change, Partial<ReturnType<typeof explained>>]> = [
    ['answer', { asked: true, queued: {}, event: { errorCode: 'DELETED' } }, { errorCode: null }],
    ['person', { queued: { parkedAt: EARLIER, lastErrorCode: 'INVALID_EVENT' } }, { errorCode: 'INVALID_EVENT' }],
    ['reconnect', { queued: {}, connection: { status: 'reconnect_required', errorCode: 'NEED_RECONSENT' } }, {
      errorCode: 'NEED_RECONSENT',
      exportState: 'reconnect',
    }],
    ['calendar', { queued: {}, connection: { status: 'error', errorCode: 'CALENDAR_READ_ONLY' } }, {
      errorCode: 'CALENDAR_READ_ONLY',
      exportState: 'error',
    }],
    ['export', { connection: { exportEnabled: false } }, { exportState: 'off' }],
    ['team', { queued: {}, connection: { stopped: true } }, { exportState: 'stopped' }],
    ['worker', { queued: {}, connection: { leasedUntil: LATER } }, { exportState: 'working', waitsUntil: null }],
    ['quota', { queued: {}, connection: { pausedUntil: LATER } }, { exportState: 'paused', waitsUntil: LATER }],
    ['provider', { queued: {}, connection: { pausedUntil: LATER, pauseCode: 'PROVIDER_UNAVAILABLE' } }, {
      errorCode: 'PROVIDER_UNAVAILABLE',
      waitsUntil: LATER,
    }],
    ['retry', { queued: { dueAt: LATER, lastErrorCode: 'SYNC_FAILED' }, job: { attempts: 3 } }, {
      waitsUntil: LATER,
      attempts: 3,
      errorCode: 'SYNC_FAILED',
    }],
    ['turn', { queued: {} }, { waitsUntil: null, waitsSince: EARLIER }],
    ['request', {}, { waitsSince: null }],
  ];

  test.each(cases)('%s', (waitsFor, change, more) => {
    expect(explained(change)).toMatchObject({ decision: 'create', waitsFor, ...more });
  });

  test('has each word of the vocabulary, in the order in which it is looked for', () => {
    expect(cases.map(([waitsFor]) => waitsFor)).toEqual([...WAITS]);
  });

  test.each(['RATE_LIMITED', 'QUOTA_EXCEEDED'])('a pause for %s is the account’s limit', (pauseCode) => {
    expect(explained({ queued: {}, connection: { pausedUntil: LATER, pauseCode } }).waitsFor).toBe('quota');
  });

  test('a pause and a lease that are over stop nothing', () => {
    const connection = { pausedUntil: EARLIER, pauseCode: 'SYNC_FAILED', leasedUntil: NOW };
    expect(explained({ queued: {}, connection })).toMatchObject({ waitsFor: 'turn', exportState: 'idle' });
  });

  test('a text that no calendar takes is refused, and says so', () => {
    const rdv = anAppointment({ startsAt: 'never' });
    expect(explained({ job: { rdv }, queued: {} })).toMatchObject({ decision: 'reject', errorCode: 'INVALID_EVENT' });
  });
});

describe('why an appointment is not sent', () => {
  const cases: Array<[typeof SKIP_REASONS[number], Change]> = [
    ['unchanged', { job: { link: live } }],
    ['cancelled', { job: { rdv: anAppointment({ status: 'cancelled' }) } }],
    ['deleted', { job: { rdv: null } }],
    ['removing', { settings: { removing: true } }],
    ['imported_from_provider', { job: { rdv: anAppointment({ source: 'demo' }) } }],
    ['no_start', { job: { rdv: anAppointment({ startsAt: null }) } }],
    ['no_patient', { job: { rdv: anAppointment({ patient: null }) } }],
    ['out_of_scope', { job: { rdv: anAppointment({ practitionerUserId: null }) } }],
    ['past', { settings: { exportFrom: '2026-12-02T00:00:00Z' } }],
    ['unlinked', { job: { link: aLink({ state: 'detached' }) } }],
    ['no_target', { settings: { calendarTargetId: null } }],
  ];

  test.each(cases)('%s', (reason, change) => {
    expect(explained(change)).toMatchObject({ decision: 'skip', reason, waitsFor: null, errorCode: null });
  });

  test('has each word of the vocabulary', () => {
    expect(cases.map(([reason]) => reason)).toEqual([...SKIP_REASONS]);
  });
});

describe('an event', () => {
  const event = { syncedAt: EARLIER };

  test('that is as it should be is in step, unless it waits, differs or is asked about', () => {
    const job = { link: live };
    expect(explained({ job, event }).inStepSince).toBe(EARLIER);
    expect(explained({ job, event, queued: {} }).inStepSince).toBeNull();
    expect(explained({ job, event, asked: true }).inStepSince).toBeNull();
    expect(explained({ job, event: { ...event, driftedAt: NOW } })).toMatchObject({
      inStepSince: null,
      differsSince: NOW,
    });
  });
});
