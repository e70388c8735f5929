import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncError } from '../../../../supabase/functions/_shared/errors.ts';
import { CONTENT_FIELDS, type EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import type {
  Appointment,
  EventLink,
  Job,
  LaneSettings,
} from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import { decide, type Decision } from '../../../../supabase/functions/_shared/sync/outbound/decide.ts';
import { aJob, aLane, aLink, anAppointment, RDV, TARGET, USER } from './lane_world.ts';

const OPTIONS = { appBaseUrl: 'https://app.test', normalize: (content: EventContent) => content };

function decided(job: Partial<Job> = {}, settings: Partial<LaneSettings> = {}): Decision {
  return decide(aJob(job), aLane({ settings }), OPTIONS);
}

/** What the appointment's event looks like when nothing has changed. */
function pushedOf(rdv: Appointment = anAppointment()): EventContent {
  const decision = decided({ rdv });
  if (decision.kind !== 'create') throw new Error(`Not created but ${decision.kind}`);
  return decision.desired;
}

const live = (change: Partial<EventLink> = {}) => aLink({ pushed: pushedOf(), base: pushedOf(), ...change });
const REF = { calendarId: TARGET, eventId: 'cs0' };

describe('an appointment without an event', () => {
  test('is created in the target calendar, whole', () => {
    expect(decided()).toEqual({
      kind: 'create',
      calendarId: TARGET,
      epoch: 0,
      desired: {
        title: 'Bilan — Jeanne Dupont',
        description: `Praticien : Dr Martin\n\nhttps://app.test/calendar?rdv=${RDV}`,
        location: '',
        time: {
          kind: 'timed',
          startsAt: '2026-12-01T09:00:00.000Z',
          endsAt: '2026-12-01T09:30:00.000Z',
          timeZone: 'Europe/Paris',
        },
        availability: 'busy',
        visibility: 'private',
      },
    });
  });

  test('whose row only tells why there was none is created under the epoch it had', () => {
    const link = aLink({ calendarId: null, eventId: null, epoch: 2, state: 'gone' });
    expect(decided({ link })).toMatchObject({ kind: 'create', epoch: 2 });
  });

  test('F01: whose id was kept before a call that nobody answered is asked for under that same id', () => {
    const link = aLink({ state: 'creating', epoch: 3, etag: null });
    expect(decided({ link })).toMatchObject({ kind: 'create', calendarId: TARGET, epoch: 3 });
  });

  test('whose event was removed comes back under the next epoch, for ids of deleted events stay taken', () => {
    expect(decided({ link: aLink({ state: 'gone', epoch: 4 }) })).toMatchObject({
      kind: 'revive',
      from: { calendarId: TARGET, eventId: 'cs0' },
      calendarId: TARGET,
    });
  });

  test('that a person leaves without one stays without, until somebody asks for it', () => {
    const link = aLink({ state: 'detached', epoch: 4 });
    expect(decided({ link })).toEqual({ kind: 'skip', reason: 'unlinked' });
    expect(decided({ link, rdv: null })).toEqual({ kind: 'skip', reason: 'deleted' });
    // an open question is not answered by pressing "sync now"
    expect(decided({ link, request: 'retry' })).toMatchObject({ kind: 'skip', reason: 'unlinked' });
  });

  const none: [string, Partial<Job>, Partial<LaneSettings>, string][] = [
    ['no start', { rdv: anAppointment({ startsAt: null }) }, {}, 'no_start'],
    ['no patient', { rdv: anAppointment({ patient: null }) }, {}, 'no_patient'],
    ['another practitioner', { rdv: anAppointment({ practitionerUserId: RDV }) }, {}, 'out_of_scope'],
    ['no practitioner', { rdv: anAppointment({ practitionerUserId: null }) }, {}, 'out_of_scope'],
    ['a start before the export began', {}, { exportFrom: '2026-12-01T09:00:01Z' }, 'past'],
    ['no target calendar', {}, { calendarTargetId: null }, 'no_target'],
    ['an origin in a calendar', { rdv: anAppointment({ source: 'elsewhere' }) }, {}, 'imported_from_provider'],
    ['a cancellation', { rdv: anAppointment({ status: 'cancelled' }) }, {}, 'cancelled'],
    ['no row any more', { rdv: null }, {}, 'deleted'],
    ['a connection that ends', {}, { removing: true }, 'removing'],
  ];
  test.each(none)('is skipped for %s, and says why', (_why, job, settings, reason) => {
    expect(decided(job, settings)).toEqual({ kind: 'skip', reason });
    expect(decided({ ...job, link: aLink({ state: 'gone' }) }, settings)).toEqual({ kind: 'skip', reason });
  });

  test.each(['scheduled', 'confirmed', 'completed', 'no_show'])('is created when it is %s', (status) => {
    expect(decided({ rdv: anAppointment({ status }) }).kind).toBe('create');
  });

  test('of the past is created when a person asks for it, and at the very start of the export', () => {
    expect(decided({ request: 'retry' }, { exportFrom: '2027-01-01T00:00:00Z' }).kind).toBe('create');
    expect(decided({}, { exportFrom: '2026-12-01T09:00:00Z' }).kind).toBe('create');
  });

  test('of another practitioner is created where the whole practice is shown', () => {
    const rdv = anAppointment({ practitionerUserId: null });
    expect(decided({ rdv }, { scope: 'organisation' }).kind).toBe('create');
  });
});

describe('an appointment with an event', () => {
  const reasons: [string, Partial<Job>, Partial<LaneSettings>][] = [
    ['was cancelled', { rdv: anAppointment({ status: 'cancelled' }) }, {}],
    ['was deleted', { rdv: null }, {}],
    ['has lost its start', { rdv: anAppointment({ startsAt: null }) }, {}],
    ['has lost its patient', { rdv: anAppointment({ patient: null }) }, {}],
    ['went to another practitioner', { rdv: anAppointment({ practitionerUserId: RDV }) }, {}],
    ['belongs to a connection that ends', {}, { removing: true }],
    ['belongs to a connection that ends, its target unchosen', {}, { removing: true, calendarTargetId: null }],
  ];
  test.each(reasons)('that %s loses it', (_why, job, settings) => {
    expect(decided({ ...job, link: live() }, settings)).toEqual({ kind: 'delete', ref: REF });
  });

  test('that may exist is deleted too: the answer to its create may have been lost', () => {
    expect(decided({ rdv: null, link: aLink({ state: 'creating' }) })).toEqual({ kind: 'delete', ref: REF });
  });

  test('whose event is gone already costs no call', () => {
    expect(decided({ rdv: null, link: aLink({ state: 'gone' }) })).toEqual({ kind: 'skip', reason: 'deleted' });
  });

  test('that did not change is skipped', () => {
    expect(decided({ link: live() })).toEqual({ kind: 'skip', reason: 'unchanged' });
  });

  test('that did not change is looked at when somebody asks for it', () => {
    expect(decided({ link: live(), request: 'sync_now' })).toMatchObject({ kind: 'verify', ref: REF });
  });

  test.each<[string, Partial<Appointment>, string[]]>([
    ['type', { type: 'Suivi' }, ['title']],
    ['notes', { notes: 'Apporter la radio' }, ['description']],
    ['location', { location: 'Salle 2' }, ['location']],
    ['hour', { startsAt: '2026-12-01T08:00:00Z' }, ['time']],
    ['type and location', { type: 'Suivi', location: 'Salle 2' }, ['title', 'location']],
  ])('F06: whose %s changed is patched in nothing else', (_what, change, fields) => {
    const decision = decided({ rdv: anAppointment(change), link: live() });
    expect(decision).toMatchObject({ kind: 'patch', ref: REF });
    expect(Object.keys('changes' in decision ? decision.changes : {})).toEqual(fields);
  });

  test('of which nobody knows what was sent is patched whole', () => {
    const decision = decided({ link: live({ pushed: null, base: null }) });
    expect(Object.keys('changes' in decision ? decision.changes : {})).toHaveLength(CONTENT_FIELDS.length);
  });

  test('that changed is patched rather than looked at', () => {
    expect(decided({ rdv: anAppointment({ type: 'Suivi' }), link: live(), request: 'sync_now' }).kind).toBe('patch');
  });

  test('of the past goes on being written', () => {
    const rdv = anAppointment({ type: 'Suivi' });
    expect(decided({ rdv, link: live() }, { exportFrom: '2027-01-01T00:00:00Z' }).kind).toBe('patch');
  });

  test('F19: moves with the target, under the next epoch, created or only asked for', () => {
    for (const state of ['creating', 'live', 'updating', 'deleting'] as const) {
      const decision = decided({ link: live({ state, calendarId: 'old', epoch: 1 }) });
      expect(decision).toMatchObject({
        kind: 'move',
        from: { calendarId: 'old', eventId: 'cs0' },
        calendarId: TARGET,
        epoch: 2,
      });
    }
  });

  test('stays where its owner moved it, and is written to there', () => {
    const away = live({ calendarId: 'elsewhere', targetCalendarId: TARGET });
    expect(decided({ link: away })).toEqual({ kind: 'skip', reason: 'unchanged' });
    expect(decided({ rdv: anAppointment({ type: 'Suivi' }), link: away })).toMatchObject({
      kind: 'patch',
      ref: { calendarId: 'elsewhere', eventId: 'cs0' },
    });
    expect(decided({ rdv: anAppointment({ status: 'cancelled' }), link: away })).toMatchObject({
      kind: 'delete',
      ref: { calendarId: 'elsewhere' },
    });
    expect(decided({ link: { ...away, state: 'deleting' } })).toMatchObject({
      kind: 'create',
      calendarId: 'elsewhere',
    });
  });

  test('is taken from where its owner moved it once another target is chosen, unless it is there', () => {
    const away = live({ calendarId: 'elsewhere', targetCalendarId: TARGET });
    expect(decided({ link: away }, { calendarTargetId: 'third' })).toMatchObject({ kind: 'move', calendarId: 'third' });
    expect(decided({ link: away }, { calendarTargetId: 'elsewhere' })).toMatchObject({ kind: 'skip' });
  });
});

describe('an appointment that makes no event', () => {
  test.each<[string, Partial<Appointment>]>([
    ['ends before it starts', { endsAt: '2026-12-01T08:00:00Z' }],
    ['ends as it starts', { endsAt: '2026-12-01T09:00:00Z' }],
    ['has times that are none', { startsAt: 'tomorrow' }],
  ])('because it %s is refused by name', (_why, change) => {
    expect(decided({ rdv: anAppointment(change) })).toEqual({ kind: 'reject', code: 'INVALID_EVENT' });
  });

  test('for any other reason is an error, not a verdict on the appointment', () => {
    const normalize = () => {
      throw new SyncError('SYNC_FAILED', 'Normalise: broken');
    };
    expect(() => decide(aJob(), aLane(), { ...OPTIONS, normalize })).toThrow('broken');
  });
});

test('without an end lasts as long as the practice says', () => {
  const decision = decide(
    aJob({ rdv: anAppointment({ endsAt: null }) }),
    aLane({
      organisation: { timezone: 'Europe/Paris', titleTemplate: '{type}', language: 'fr', defaultDurationMinutes: 45 },
    }),
    OPTIONS,
  );
  expect(decision).toMatchObject({ desired: { time: { endsAt: '2026-12-01T09:45:00.000Z' } } });
});

test('what was written is never written again: the same job decides to skip once its result is known', () => {
  const text = fc.option(fc.string(), { nil: null });
  const any = fc.record({
    type: text,
    act: text,
    notes: text,
    location: text,
    practitionerName: text,
    endsAt: fc.constantFrom(null, '2026-12-01T09:30:00+00:00', '2026-12-01T11:00:00+01:00'),
  });
  fc.assert(fc.property(any, (change) => {
    const rdv = anAppointment({ ...change, practitionerUserId: USER });
    const pushed = JSON.parse(JSON.stringify(pushedOf(rdv)));
    expect(decided({ rdv, link: aLink({ pushed, base: pushed }) })).toEqual({ kind: 'skip', reason: 'unchanged' });
  }));
});
