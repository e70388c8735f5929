import { beforeEach, describe, expect, test } from 'vitest';
import type {
  Appointment,
  EventLink,
  Job,
  Lane,
} from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import { pushLane } from '../../../../supabase/functions/_shared/sync/outbound/push_lane.ts';
import type { JobResult, LaneReport, SyncStore } from '../../../../supabase/functions/_shared/sync/outbound/port.ts';
import { googleHarness } from '../../../contract/google_harness.ts';
import { aJob, anAppointment, RDV } from './lane_world.ts';

let harness: ReturnType<typeof googleHarness>;
let handle: { accessToken: () => Promise<string>; renew: () => Promise<string> };
let links: Map<string, EventLink>;
let results: JobResult[];
let reports: LaneReport[];

const store: SyncStore = {
  claim: () => Promise.resolve({ lanes: [], troubled: [], nextDueInMs: null }),
  reserve(_worker, _integration, items) {
    for (const { rdvId, calendarId, targetCalendarId, eventId, epoch, state } of items) {
      const nothing = { etag: null, pushed: null, base: null, place: null };
      const known = state === 'creating' ? null : links.get(rdvId);
      const etag = state === 'updating' ? known?.etag ?? null : null;
      links.set(rdvId, { ...nothing, ...known, etag, calendarId, targetCalendarId, eventId, epoch, state });
    }
    return Promise.resolve(items.map(({ rdvId }) => rdvId));
  },
  complete(_worker, _integration, given, report) {
    results.push(...given);
    reports.push(report);
    for (const { rdvId, link } of given) if (link) links.set(rdvId, link);
    return Promise.resolve({ applied: given.length, busy: [], lost: false, paused: false, nextDueInMs: null });
  },
  leave: () => Promise.resolve(true),
  integrationFailed: () => Promise.resolve(true),
  finishRemoval: () => Promise.resolve(false),
  claimRevocations: () => Promise.resolve([]),
  revoked: () => Promise.resolve(true),
};

const job = (rdvId = RDV, change: Partial<Appointment> = {}): Job =>
  aJob({ rdvId, rdv: anAppointment(change), link: links.get(rdvId) ?? null });

const push = (...jobs: Job[]) => pushWith('off', ...jobs);
async function pushWith(twoWay: Lane['settings']['twoWay'], ...jobs: Job[]) {
  results = [];
  reports = [];
  const lane: Lane = {
    integrationId: '00000000-0000-4000-8000-0000000000aa',
    organisationId: '00000000-0000-4000-8000-0000000000bb',
    budgetUnits: null,
    strikes: 0,
    settings: {
      calendarTargetId: harness.calendars.primary,
      eventDetail: 'full',
      twoWay,
      scope: 'organisation',
      userId: '00000000-0000-4000-8000-0000000000cc',
      exportFrom: null,
      removing: false,
    },
    organisation: {
      timezone: 'Europe/Paris',
      titleTemplate: '{type} — {patient}',
      language: 'fr',
      defaultDurationMinutes: 30,
    },
    credential: null,
    jobs,
    unreadable: [],
  };
  return await pushLane(lane, {
    store,
    calendar: harness.provider.calendar,
    handle,
    reconnectRequired: () => Promise.resolve(true),
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: () => 0.5,
    log: () => {},
    appBaseUrl: 'http://app.test',
    leaving: () => false,
    worker: 'worker',
    runId: 'run',
    trigger: 'change',
    deadlineAt: 1,
  });
}
const live = () => harness.liveEvents(harness.calendars.primary);
const ref = () => ({ calendarId: harness.calendars.primary, eventId: links.get(RDV)?.eventId ?? '' });

beforeEach(async () => {
  harness = googleHarness({});
  links = new Map();
  const { credential } = await harness.provider.oauth.completeAuthorization(await harness.consent());
  const accessToken = () => Promise.resolve(credential.accessToken);
  handle = { accessToken, renew: accessToken };
});

describe('pushing a lane', () => {
  test('a lost create answer never makes a second event', async () => {
    const before = live().length;
    harness.loseAnswers();
    await push(job());
    expect(reports.at(-1)).toMatchObject({ strike: true, release: true });
    await push(job());
    expect(results).toMatchObject([{ outcome: 'done', action: 'created', link: { state: 'live', epoch: 0 } }]);
    expect(live().length).toBe(before + 1);
  });

  test('an event deleted in the calendar comes back under the next epoch, and nobody is mailed', async () => {
    await push(job());
    await harness.user.remove(ref());
    await push(job(RDV, { type: 'Suivi' }));
    expect(results).toMatchObject([{ outcome: 'done', action: 'created', link: { epoch: 1, state: 'live' } }]);
    expect(harness.mails()).toEqual([]);
    expect(harness.violations()).toEqual([]);
  });

  test('an appointment that did not change costs no call', async () => {
    await push(job());
    const asked = harness.requests();
    await push(job());
    expect(results).toMatchObject([{ action: 'skipped', reason: 'unchanged' }]);
    expect(harness.requests()).toEqual(asked);
  });

  test('a rate limit pauses the lane for as long as it asks and reports no attempt', async () => {
    harness.throttle(7);
    await push(job());
    expect(results).toEqual([]);
    expect(reports.at(-1)).toMatchObject({ pauseSeconds: 7, pauseCode: 'RATE_LIMITED', strike: true });
  });

  test('one impossible appointment is parked and the others go on', async () => {
    const other = RDV.replace(/1$/, '2');
    await push(job(RDV, { endsAt: '2026-11-01T09:00:00Z' }), job(other));
    expect(results).toMatchObject([{ outcome: 'park', error: { code: 'INVALID_EVENT' } }, { action: 'created' }]);
  });

  test.each([['review', 'Salle 2'], ['auto', 'Salle 2'], ['off', '']] as const)(
    'where a person changed the place it stays theirs when ours is patched, or is put right (%s)',
    async (twoWay, location) => {
      await push(job());
      await harness.user.edit(ref(), { location: 'Salle 2' });
      await pushWith(twoWay, job(RDV, { type: 'Suivi' }));
      expect(results).toMatchObject([{ action: 'updated' }]);
      const event = await harness.provider.calendar.getEvent(handle, ref());
      expect(event?.content).toMatchObject({ title: 'Suivi — Jeanne Dupont', location });
    },
  );

  test('a cancelled appointment loses its event, twice without harm', async () => {
    const before = live().length;
    await push(job());
    const cancelled = job(RDV, { status: 'cancelled' });
    await push(cancelled);
    await push(cancelled);
    expect(results).toMatchObject([{ outcome: 'done', action: 'deleted', link: { state: 'gone' } }]);
    expect(live().length).toBe(before);
  });
});
