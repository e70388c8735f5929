/** What happened to other calendar syncs, done to this one: the real engine, a real Postgres, the emulator's faults. */
import { describe, expect, test } from 'vitest';
import { deriveEventId } from '../../supabase/functions/_shared/sync/event_id.ts';
import { until } from '../local/bare_database.ts';
import { CLAIRE, type Event, MARC, OutboundWorld, SECONDARY, tomorrow } from './outbound_world.ts';

const world = new OutboundWorld();

/** Connected, with one appointment and its event. */
async function synced(fields: Record<string, unknown> = {}): Promise<{ id: string; event: Event }> {
  await world.claire.connect(CLAIRE);
  const id = await world.book(world.lumiere, fields);
  await world.settled();
  const [event] = await world.live(CLAIRE);
  expect(event).toBeDefined();
  return { id, event };
}

const writesOf = async () => {
  const { calls } = await world.google('state?only=calls');
  return calls.filter(({ method }: Event) => /^events\.(insert|patch|update|delete|move|import)$/.test(method));
};
const syncNow = () => world.claire.call('google-sync/sync-now', { body: {} });

describe('creating', () => {
  test('F01: a batch whose whole answer is lost makes each event once', async () => {
    await world.claire.connect(CLAIRE);
    await world.fault({ match: { method: 'batch' }, nth: 1, action: { loseAnswer: 'drop' } });
    await world.bookMany(world.lumiere, 30);
    await until(async () => (await world.live(CLAIRE)).length === 30, 'the batch has arrived');
    await world.later();
    await world.settled();
    expect(await world.events()).toHaveLength(30);
    const { inserts } = await world.google('state?only=inserts');
    expect(Object.keys(inserts)).toHaveLength(30);
    expect(await world.sql`select 1 from public.appointment_external_links where sync_status = 'synced'`)
      .toHaveLength(30);
  });

  test('F14: an event of somebody else under our id is left alone, and ours gets another id', async () => {
    await world.claire.connect(CLAIRE);
    const { integrationId } = (await world.sql`select id as "integrationId" from public.calendar_integrations`)[0]!;
    const id = crypto.randomUUID();
    const taken = deriveEventId(world.lumiere.organisationId, integrationId, id, 0);
    await world.asPerson(CLAIRE, 'POST', `${CLAIRE}/events?sendUpdates=none`, {
      id: taken,
      summary: 'Le mien',
      start: { dateTime: tomorrow(6) },
      end: { dateTime: tomorrow(7) },
    });
    await world.book(world.lumiere, { id });
    await world.settled();
    const summaries = (await world.live(CLAIRE)).map(({ id, summary }) => [id === taken, summary]);
    expect(summaries.sort()).toEqual([[false, '[Cassius] Contrôle — Ada Lovelace'], [true, 'Le mien']]);
    expect(await world.linkOf(id)).toMatchObject({ epoch: 1, sync_status: 'synced' });
  });
});

describe('changing', () => {
  test.each(['staysCancelled', 'forbid', 'gone'])(
    'F02: a deleted event whose tombstone %s is no success: the appointment comes back under another id',
    async (writeToDeleted) => {
      const { id, event } = await synced();
      await world.google('settings', { writeToDeleted });
      // Not even the version protects us: what it would have refused is asked for.
      await world.sql`update public.appointment_external_links set etag = null where rdv_id = ${id}`;
      await world.asPerson(CLAIRE, 'DELETE', `${CLAIRE}/events/${event.id}?sendUpdates=none`);
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await world.settled();
      const live = await world.live(CLAIRE);
      expect(live.map(({ id, summary }) => [id !== event.id, summary])).toEqual([
        [true, '[Cassius] Suivi — Ada Lovelace'],
      ]);
      expect(await world.linkOf(id)).toMatchObject({ epoch: 1, sync_status: 'synced', external_event_id: live[0].id });
    },
  );

  test('F06, F07: an event to which somebody invited people keeps them, and nobody is mailed', async () => {
    const { id, event } = await synced();
    await world.asPerson(CLAIRE, 'PATCH', `${CLAIRE}/events/${event.id}?sendUpdates=none`, {
      attendees: [{ email: 'guest@elsewhere.test' }],
    });
    await world.change(world.lumiere, id, { location: 'Salle 2', starts_at: tomorrow(14), ends_at: tomorrow(15) });
    await world.settled();
    const [changed] = await world.live(CLAIRE);
    expect(changed.location).toBe('Salle 2');
    expect(changed.attendees).toMatchObject([{ email: 'guest@elsewhere.test' }]);
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    const writes = await writesOf();
    expect(new Set(writes.map(({ method }: Event) => method))).toEqual(
      new Set(['events.insert', 'events.patch', 'events.delete']),
    );
    expect(writes.every(({ sendUpdates }: Event) => sendUpdates === 'none')).toBe(true);
    expect((await world.google('state?only=mails')).mails).toEqual([]);
  });

  test('F14: a copy that carries our mark is nobody’s event: ours is changed and removed, the copy stays', async () => {
    const { id, event } = await synced();
    const { summary, extendedProperties } = event;
    const copy = await world.asPerson(CLAIRE, 'POST', `${CLAIRE}/events?sendUpdates=none`, {
      summary,
      extendedProperties,
      start: { dateTime: tomorrow(16) },
      end: { dateTime: tomorrow(17) },
    });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await world.settled();
    expect((await syncNow()).body).toMatchObject({ failed: 0, remaining: 0 });
    const seen = new Map((await world.live(CLAIRE)).map((one) => [one.id, one.summary]));
    expect(Object.fromEntries(seen)).toEqual({
      [event.id]: '[Cassius] Suivi — Ada Lovelace',
      [copy.id]: '[Cassius] Contrôle — Ada Lovelace',
    });
    await world.lumiere.client.from('rdv').delete().eq('id', id);
    await world.settled();
    expect((await world.live(CLAIRE)).map((one) => one.id)).toEqual([copy.id]);
  });

  test('F18: what somebody changes in the very moment stays, and ours is written', async () => {
    const { id } = await synced();
    await world.fault({ match: { method: 'events.patch' }, nth: 1, action: { editFirst: { location: 'Salle 9' } } });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await world.settled();
    expect((await world.live(CLAIRE))[0]).toMatchObject({
      summary: '[Cassius] Suivi — Ada Lovelace',
      location: 'Salle 9',
    });
    expect((await world.calls('events.patch')).map(({ status }) => status)).toEqual([412, 200]);
  });

  test('F18: an event that changes at every try costs a few rounds, not a storm, and waits in sight', async () => {
    const { id } = await synced();
    await world.fault({ match: { method: 'events.patch' }, action: { editFirst: { location: 'Ailleurs' } } });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await until(
      async () => (await world.sql`select 1 from private.sync_outbox where attempts > 0`).length > 0,
      'the attempt is counted',
    );
    await world.idle();
    expect((await world.calls('events.patch')).length % 4).toBe(0);
    expect(await world.linkOf(id)).toMatchObject({ sync_status: 'pending', last_error: { code: 'VERSION_CONFLICT' } });
    expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', pending: 1, failed: 0 });
    await fetch(`${world.stack.google.url}/__emulator/faults`, { method: 'DELETE' });
    await world.later();
    await world.settled();
    expect((await world.live(CLAIRE))[0]).toMatchObject({ summary: '[Cassius] Suivi — Ada Lovelace' });
  });

  test('F18: the same field changed on both sides is one open conflict, and neither side is overwritten', async () => {
    const { id } = await synced();
    await world.settings(world.claire, { two_way: 'review' });
    await world.settled();
    await world.fault({ match: { method: 'events.patch' }, nth: 1, action: { editFirst: { summary: 'Le mien' } } });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await world.settled();
    expect((await world.live(CLAIRE))[0].summary).toBe('Le mien');
    const conflicts = await world.sql`select reason, status, internal_id, payload from public.sync_conflicts`;
    expect(conflicts).toMatchObject([
      { reason: 'changed_both_sides', status: 'open', internal_id: id, payload: { fields: ['title'] } },
    ]);
    expect(await world.statusOf(world.claire)).toMatchObject({ openConflicts: 1, pending: 0 });
  });
});

describe('reading', () => {
  test.each<[string, Record<string, unknown>]>([
    ['an error page', { html5xx: 500 }],
    ['an answer that breaks off', { malformed: true }],
    ['a rate limit', { status: 403, reason: 'rateLimitExceeded', retryAfter: 1 }],
  ])('F04: a look at an event that meets %s deletes and doubles nothing', async (_what, action) => {
    const { event } = await synced();
    await world.fault({ match: { method: 'events.get' }, nth: 1, action });
    const { body } = await syncNow();
    expect(body).toMatchObject({ created: 0, updated: 0, deleted: 0, skipped: 1, failed: 0, remaining: 0 });
    expect((await world.events()).map(({ id, status }) => [id, status])).toEqual([[event.id, 'confirmed']]);
    expect((await writesOf()).map(({ method }: Event) => method)).toEqual(['events.insert']);
    expect((await world.calls('events.get')).length).toBeGreaterThan(1);
  });

  test('F13: texts that the calendar stores in its own way are written once, not for ever', async () => {
    await world.google('settings', { trimTexts: true });
    const { id } = await synced({
      type: '  Bilan 👩🏽‍⚕️ <b>complet</b> ',
      notes: ' <p>Venir à jeun</p>\r\n\r\n🦷 &amp; radio  ',
      location: ' Salle 1 ',
    });
    for (const _round of [1, 2]) {
      expect((await syncNow()).body).toMatchObject({ created: 0, updated: 0, skipped: 1, failed: 0 });
    }
    await world.change(world.lumiere, id, { location: ' Salle 1  ' });
    await world.settled();
    expect((await writesOf()).map(({ method }: Event) => method)).toEqual(['events.insert']);
  });
});

describe('refusals', () => {
  test('F08: a rate limit is waited out as long as it asks, the appointment in sight all the while', async () => {
    await world.claire.connect(CLAIRE);
    await world.fault({
      match: { method: 'events.insert' },
      nth: 1,
      action: { status: 403, reason: 'rateLimitExceeded', retryAfter: 300 },
    });
    const id = await world.book(world.lumiere);
    const { code, seconds } = await world.paused();
    expect(code).toBe('RATE_LIMITED');
    expect(seconds).toBeGreaterThan(290);
    expect(seconds).toBeLessThanOrEqual(300);
    expect(await world.statusOf(world.claire)).toMatchObject({ pending: 1, failed: 0, status: 'connected' });
    expect(await world.linkOf(id)).toMatchObject({ sync_status: 'pending' });
    const [row] = await world.sql`select attempts, parked_at from private.sync_outbox`;
    expect(row).toEqual({ attempts: 0, parked_at: null });
    await world.idle();
    await world.stack.runCron('cassius-sweep');
    expect(await world.calls('events.insert')).toHaveLength(1);
    await world.later();
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F12: one practice’s trouble does not stop another’s', async () => {
    await world.claire.connect(CLAIRE);
    await world.marc.connect(MARC);
    await world.fault({ match: { account: MARC }, action: { html5xx: 503 } });
    await world.book(world.rivoli);
    await world.book(world.lumiere);
    await until(async () => (await world.live(CLAIRE)).length === 1, 'the healthy one goes on');
    expect(await world.live(MARC)).toEqual([]);
    expect(await world.statusOf(world.marc)).toMatchObject({ status: 'connected', pending: 1, failed: 0 });
    await fetch(`${world.stack.google.url}/__emulator/faults`, { method: 'DELETE' });
    await world.later();
    await world.settled();
    expect(await world.live(MARC)).toHaveLength(1);
  });

  test('F20: a delete that is forbidden is parked at once, told, and not asked for again', async () => {
    const { id } = await synced();
    await world.fault({ match: { method: 'events.delete' }, action: { status: 403, reason: 'forbidden' } });
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await until(async () => (await world.statusOf(world.claire)).failed === 1, 'it is parked');
    for (const _minute of [1, 2, 3]) await world.later();
    await world.idle();
    expect(await world.calls('events.delete')).toHaveLength(1);
    expect(await world.linkOf(id)).toMatchObject({ sync_status: 'error', last_error: { code: 'PERMISSION_DENIED' } });
    await fetch(`${world.stack.google.url}/__emulator/faults`, { method: 'DELETE' });
    const retried = await world.claire.call('google-sync/retry', { body: { rdvIds: [id] } });
    expect(retried.body).toMatchObject({ deleted: 1, failed: 0, remaining: 0 });
    expect(await world.live(CLAIRE)).toEqual([]);
  });

  test('F30: a quota that is spent is waited out for hours, and nothing fails', async () => {
    await world.claire.connect(CLAIRE);
    await world.fault({ match: { method: 'events.insert' }, nth: 1, action: { status: 403, reason: 'quotaExceeded' } });
    await world.book(world.lumiere);
    const { code, seconds } = await world.paused();
    expect(code).toBe('QUOTA_EXCEEDED');
    expect(seconds / 3600).toBeGreaterThan(5);
    expect(await world.statusOf(world.claire)).toMatchObject({
      status: 'connected',
      pending: 1,
      failed: 0,
      lastError: { code: 'QUOTA_EXCEEDED' },
    });
    await world.later();
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });
});

describe('the grant', () => {
  test('F10: of two functions that refresh at once, where the first ends the other’s token, both go on', async () => {
    await world.claire.connect(CLAIRE);
    await world.google('settings', { rotateRefreshTokens: true });
    await world.sql`update private.credentials set access_expires_at = now() where true`;
    // Long enough for the second to set out with the same token, and to hear of its end after the first has stored its own.
    await world.fault({ match: { method: 'oauth.token' }, nth: 1, action: { delayMs: 400 } });
    await world.fault({ match: { method: 'oauth.token' }, nth: 2, action: { delayMs: 800 } });
    const before = (await world.calls('oauth.token')).length;
    await world.book(world.lumiere);
    await until(
      async () => (await world.google('state?only=faults')).faults.some(({ matched }: Event) => matched > 0),
      'the first is asking',
    );
    expect((await world.claire.call('google-connect/calendars')).status).toBe(200);
    await world.settled();
    expect((await world.calls('oauth.token')).slice(before).map(({ status }) => status)).toEqual([200, 400]);
    expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null, failed: 0 });
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F09: what is written while the grant is dead waits, and is written once after reconnecting', async () => {
    const { id } = await synced();
    await world.google('revoke', { email: CLAIRE });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await until(
      async () => (await world.statusOf(world.claire)).status === 'reconnect_required',
      'the dead grant is noticed at the first write',
    );
    await world.book(world.lumiere, { starts_at: tomorrow(11), ends_at: tomorrow(12) });
    expect(await world.statusOf(world.claire)).toMatchObject({
      pending: 2,
      failed: 0,
      lastError: { code: 'NEED_RECONSENT' },
    });
    const asked = async () => (await world.calls('oauth.token')).length;
    const before = await asked();
    await world.stack.runCron('cassius-sweep');
    await world.idle();
    expect(await asked()).toBe(before);
    await world.claire.connect(CLAIRE);
    await world.settled();
    const summaries = (await world.live(CLAIRE)).map(({ summary }) => summary).sort();
    expect(summaries).toEqual(['[Cassius] Contrôle — Ada Lovelace', '[Cassius] Suivi — Ada Lovelace']);
    expect(await world.events()).toHaveLength(2);
  });

  test('F30: a grant of an app in testing ends after a week, and the person is told to reconnect', async () => {
    await world.google('settings', { testingMode: true });
    const { id } = await synced();
    await world.google('clock', { advanceMs: 8 * 86_400_000 });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await until(
      async () => (await world.statusOf(world.claire)).status === 'reconnect_required',
      'the end of the grant is noticed',
    );
    const { lastError, pending, failed } = await world.statusOf(world.claire);
    expect({ code: lastError.code, pending, failed }).toEqual({ code: 'NEED_RECONSENT', pending: 1, failed: 0 });
    expect(lastError.message).toContain('reconnectez le compte');
    await world.claire.connect(CLAIRE);
    await world.settled();
    expect((await world.live(CLAIRE)).map(({ summary }) => summary)).toEqual(['[Cassius] Suivi — Ada Lovelace']);
  });
});

describe('the target calendar', () => {
  test('F19: deleted under its events, it holds the queue; they move to the one that the person picks', async () => {
    await world.claire.connect(CLAIRE);
    await world.settings(world.claire, { calendar_target_id: SECONDARY });
    const id = await world.book(world.lumiere);
    await world.settled();
    await world.google('calendars', { id: SECONDARY, deleted: true });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await until(async () => (await world.statusOf(world.claire)).status === 'error', 'the loss is noticed');
    expect(await world.statusOf(world.claire)).toMatchObject({
      pending: 1,
      failed: 0,
      lastError: { code: 'CALENDAR_NOT_FOUND' },
    });
    expect(await syncNow()).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
    await world.settings(world.claire, { calendar_target_id: CLAIRE });
    await world.settled();
    const [event, ...others] = await world.live(CLAIRE);
    expect(others).toEqual([]);
    expect(event.summary).toBe('[Cassius] Suivi — Ada Lovelace');
    expect(await world.linkOf(id)).toMatchObject({ external_calendar_id: CLAIRE, sync_status: 'synced' });
    expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
  });

  test('F19: read-only under our hands, it holds the queue until the person picks another', async () => {
    await world.claire.connect(CLAIRE);
    await world.settings(world.claire, { calendar_target_id: SECONDARY });
    await world.google('calendars', { id: SECONDARY, access: { [CLAIRE]: 'reader' } });
    await world.book(world.lumiere);
    await until(async () => (await world.statusOf(world.claire)).status === 'error', 'the refusal is noticed');
    expect(await world.statusOf(world.claire)).toMatchObject({
      pending: 1,
      failed: 0,
      lastError: { code: 'CALENDAR_READ_ONLY' },
    });
    await world.stack.runCron('cassius-sweep');
    await world.idle();
    expect(await world.calls('events.insert')).toHaveLength(1);
    await world.settings(world.claire, { calendar_target_id: CLAIRE });
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F19: read-only when the connection ends, it does not keep the tokens alive', async () => {
    await world.claire.connect(CLAIRE);
    await world.settings(world.claire, { calendar_target_id: SECONDARY });
    await world.book(world.lumiere);
    await world.settled();
    await world.google('calendars', { id: SECONDARY, access: { [CLAIRE]: 'reader' } });
    expect((await world.claire.call('google-connect/disconnect', { body: { removeEvents: true } })).status).toBe(200);
    await until(
      async () => (await world.sql`select 1 from private.credentials`).length === 0,
      'the tokens are forgotten',
      20_000,
    );
    expect((await world.statusOf(world.claire)).connected).toBe(false);
  });
});

describe('the wake-up', () => {
  test('F26: that cannot be sent refuses no booking, and the sweep makes good for it', async () => {
    await world.claire.connect(CLAIRE);
    await world.sql`alter function net.http_post(text, jsonb, jsonb, jsonb, integer) rename to http_post_gone`;
    try {
      await world.book(world.lumiere);
      expect(await world.statusOf(world.claire)).toMatchObject({ pending: 1 });
    } finally {
      await world.sql`alter function net.http_post_gone(text, jsonb, jsonb, jsonb, integer) rename to http_post`;
    }
    await world.stack.runCron('cassius-sweep');
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F28: that is lost with the request queue is made good by the sweep', async () => {
    await world.claire.connect(CLAIRE);
    await world.sql.begin(async (sql) => {
      const { organisationId, practitionerId, patientId } = world.lumiere;
      await sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at)
        values (${organisationId}, ${practitionerId}, ${patientId}, 'Contrôle', ${tomorrow(9)})`;
      await sql`delete from net.http_request_queue`;
    });
    expect(await world.statusOf(world.claire)).toMatchObject({ pending: 1 });
    expect(await world.live(CLAIRE)).toEqual([]);
    await world.stack.runCron('cassius-sweep');
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });
});

describe('a worker that dies', () => {
  test(
    'F29: in the middle of its batches is followed by another once its lease is over, and nothing is there twice',
    async () => {
      await world.claire.connect(CLAIRE);
      await world.liftQuotas();
      await world.google('settings', { latencyMs: 150 });
      await world.bookMany(world.lumiere, 200);
      await until(async () => (await world.live(CLAIRE)).length > 0, 'the first batch is written');
      await world.stack.stopFunctions(); // SIGKILL: nothing is given back and no answer is kept
      const leased = () => world.sql`select 1 from private.sync_lanes where lease_until > private.clock()`;
      expect(await leased()).toHaveLength(1);
      await world.stack.startFunctions();
      const written = (await world.live(CLAIRE)).length;
      expect(written).toBeLessThan(200);
      // The lease still stands: nobody works on top of another, whoever asks.
      await world.stack.runCron('cassius-sweep');
      expect((await world.claire.call('google-sync/retry', { body: {} })).status).toBe(200);
      expect((await world.live(CLAIRE)).length).toBe(written);

      await world.sql`insert into private.app_config (key, value) values ('clock_offset', '3 minutes')`;
      expect(await leased()).toEqual([]);
      await world.stack.runCron('cassius-sweep');
      await world.settled();
      expect(await world.events()).toHaveLength(200);
      expect(await world.live(CLAIRE)).toHaveLength(200);
      const { inserts } = await world.google('state?only=inserts') as {
        inserts: Record<string, { asked: number; created: number }>;
      };
      expect(Object.keys(inserts)).toHaveLength(200);
      expect(Object.values(inserts).every(({ created }) => created === 1)).toBe(true);
      const { size } = new Set(
        (await world.sql`select external_event_id from public.appointment_external_links where sync_status = 'synced'`)
          .map((link) => link.external_event_id),
      );
      expect(size).toBe(200);
    },
    60_000,
  );
});
