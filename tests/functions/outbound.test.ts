import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { CLAIRE, MARC, OutboundWorld, SECONDARY, tomorrow } from './outbound_world.ts';

const world = new OutboundWorld();

describe('an appointment', () => {
  test('written in Postgres is an event in its own practitioner’s calendar, and in nobody else’s', async () => {
    await world.claire.connect(CLAIRE);
    await world.marc.connect(MARC);
    await Promise.all([world.book(world.lumiere), world.book(world.rivoli, { type: 'Détartrage' })]);
    await until(
      async () => (await world.live(CLAIRE)).length === 1 && (await world.live(MARC)).length === 1,
      'both events',
    );
    expect((await world.live(CLAIRE))[0].summary).toBe('[Cassius] Contrôle — Ada Lovelace');
    expect((await world.live(MARC))[0].summary).toBe('[Cassius] Détartrage — Ada Lovelace');
    await world.settled();
  });

  test('keeps one event through edit, cancel, un-cancel and delete', async () => {
    await world.claire.connect(CLAIRE);
    const id = await world.book(world.lumiere);
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
    expect((await world.linkOf(id))!.sync_status).toBe('synced');

    await world.change(world.lumiere, id, { starts_at: tomorrow(14), ends_at: tomorrow(15), location: 'Salle 2' });
    await world.settled();
    const [moved] = await world.live(CLAIRE);
    expect(Date.parse(moved.start.dateTime)).toBe(Date.parse(tomorrow(14)));
    expect(moved.location).toBe('Salle 2');

    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    expect(await world.live(CLAIRE)).toEqual([]);
    expect((await world.linkOf(id))!.sync_status).toBe('none');

    await world.change(world.lumiere, id, { status: 'scheduled' });
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
    expect((await world.linkOf(id))!.epoch).toBe(1);

    const gone = await world.lumiere.client.from('rdv').delete().eq('id', id);
    expect(gone.error).toBeNull();
    await world.settled();
    expect(await world.live(CLAIRE)).toEqual([]);
  });

  test('F02: whose event somebody deleted in the calendar comes back with the next change, under another id', async () => {
    await world.claire.connect(CLAIRE);
    const id = await world.book(world.lumiere);
    await world.settled();
    const [event] = await world.live(CLAIRE);
    await world.asPerson(CLAIRE, 'DELETE', `${CLAIRE}/events/${event.id}`);
    await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
    await world.settled();
    const [back] = await world.live(CLAIRE);
    expect(back.description).toContain('Apporter la radio');
    expect(back.id).not.toBe(event.id);
  });

  test('deleted in the calendar comes back when a person presses sync now', async () => {
    await world.claire.connect(CLAIRE);
    await world.book(world.lumiere);
    await world.settled();
    const [event] = await world.live(CLAIRE);
    await world.asPerson(CLAIRE, 'DELETE', `${CLAIRE}/events/${event.id}`);
    const answer = await world.claire.call('google-sync/sync-now', { body: {} });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ created: 1, failed: 0, remaining: 0, failures: [] });
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('without patient or start is not exported, and says why', async () => {
    await world.claire.connect(CLAIRE);
    const [noPatient, noStart] = await Promise.all([
      world.book(world.lumiere, { patient_id: null }),
      world.book(world.lumiere, { starts_at: null, ends_at: null }),
    ]);
    await world.settled();
    expect(await world.live(CLAIRE)).toEqual([]);
    expect((await world.linkOf(noPatient))!.skip_reason).toBe('no_patient');
    expect((await world.linkOf(noStart))!.skip_reason).toBe('no_start');
  });

  test('handed to another practitioner leaves the first calendar', async () => {
    await world.claire.connect(CLAIRE);
    const id = await world.book(world.lumiere);
    await world.settled();
    const [other] = await world.sql`insert into public.organisation_members (organisation_id, role, display_name)
      values (${world.lumiere.organisationId}, 'practitioner', 'Dr Remplaçant') returning id`;
    await world.change(world.lumiere, id, { practitioner_id: other!.id });
    await world.settled();
    expect(await world.live(CLAIRE)).toEqual([]);
  });
});

describe('what is shared with the calendar', () => {
  test('follows the level of detail, for the events that exist too', async () => {
    await world.claire.connect(CLAIRE);
    await world.book(world.lumiere, { act: 'Couronne', notes: 'Allergie pénicilline' });
    await world.settled();
    await world.claire.call('google-connect/settings', { method: 'PATCH', body: { event_detail: 'initials' } });
    await world.settled();
    const [initials] = await world.live(CLAIRE);
    expect(initials.summary).toBe('[Cassius] Contrôle — A. L.');
    expect(initials.description).not.toContain('Allergie');
    await world.claire.call('google-connect/settings', { method: 'PATCH', body: { event_detail: 'busy' } });
    await world.settled();
    const [busy] = await world.live(CLAIRE);
    expect(`${busy.summary} ${busy.description}`).not.toMatch(/Lovelace|A\. L\.|Couronne|Contrôle|Allergie/);
  });

  test('shows a patient’s new name', async () => {
    await world.claire.connect(CLAIRE);
    await world.book(world.lumiere);
    await world.settled();
    const { error } = await world.lumiere.client.from('patients').update({ last_name: 'King' }).eq(
      'id',
      world.lumiere.patientId,
    );
    expect(error).toBeNull();
    await world.settled();
    expect((await world.live(CLAIRE))[0].summary).toBe('[Cassius] Contrôle — Ada King');
    await world.lumiere.client.from('patients').update({ last_name: 'Lovelace' }).eq('id', world.lumiere.patientId);
    await world.settled();
  });

  test('moves with the target calendar', async () => {
    await world.claire.connect(CLAIRE);
    await world.book(world.lumiere);
    await world.settled();
    const changed = await world.claire.call('google-connect/settings', {
      method: 'PATCH',
      body: { calendar_target_id: SECONDARY },
    });
    expect(changed.status).toBe(200);
    await world.settled();
    expect(await world.live(CLAIRE)).toEqual([]);
    expect(await world.live(SECONDARY)).toHaveLength(1);
  });
});

describe('switching off', () => {
  test('export stops the sync', async () => {
    await world.claire.connect(CLAIRE);
    await world.claire.call('google-connect/settings', { method: 'PATCH', body: { export_enabled: false } });
    await world.book(world.lumiere);
    await world.settled();
    expect(await world.live(CLAIRE)).toEqual([]);
    await world.claire.call('google-connect/settings', { method: 'PATCH', body: { export_enabled: true } });
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F17: disconnecting and connecting the same account again makes no second event', async () => {
    await world.claire.connect(CLAIRE);
    const id = await world.book(world.lumiere);
    await world.settled();
    const ended = await world.claire.call('google-connect/disconnect', { body: {} });
    expect(ended.body.state).toBe('disconnected');
    await world.change(world.lumiere, id, { notes: 'Changé pendant la coupure' });
    await world.settled();
    expect((await world.live(CLAIRE))[0].description).not.toContain('coupure');
    await world.claire.connect(CLAIRE);
    await world.settled();
    const after = await world.live(CLAIRE);
    expect(after).toHaveLength(1);
    expect(after[0].description).toContain('coupure');
  });

  test('a disconnect that removes the events leaves none behind and forgets the tokens', async () => {
    await world.claire.connect(CLAIRE);
    await Promise.all(
      Array.from(
        { length: 8 },
        (_, hour) => world.book(world.lumiere, { starts_at: tomorrow(8 + hour), ends_at: tomorrow(9 + hour) }),
      ),
    );
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(8);
    const ended = await world.claire.call('google-connect/disconnect', { body: { removeEvents: true } });
    expect(ended.status).toBe(200);
    await until(async () => (await world.live(CLAIRE)).length === 0, 'no event is left', 20_000);
    await until(
      async () => (await world.sql`select 1 from private.credentials`).length === 0,
      'the tokens are forgotten',
    );
  });
});

describe('when things break', () => {
  test('F01: nothing is duplicated when every answer to a create is lost once', async () => {
    await world.claire.connect(CLAIRE);
    for (const method of ['events.insert']) {
      await world.google('faults', { match: { method }, nth: 1, action: { loseAnswer: 503 } });
    }
    await world.book(world.lumiere);
    await until(async () => (await world.live(CLAIRE)).length === 1, 'the event was made');
    await world.sql`update private.sync_outbox set next_attempt_at = now() where true`;
    await world.sql`update private.sync_lanes set paused_until = null where true`;
    await world.stack.runCron('cassius-sweep');
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
    const { inserts } = await world.google('state?only=inserts');
    // asked for twice under one id: the second answer, 409, led to the event that the first had made
    expect(Object.values(inserts)).toEqual([{ asked: 2, created: 0 }]);
    expect(await world.events()).toHaveLength(1);
  });

  test('F08: a rate limit keeps the appointment waiting in sight, and it goes through afterwards', async () => {
    await world.claire.connect(CLAIRE);
    await world.google('faults', {
      match: { method: 'events.insert' },
      nth: 1,
      action: { status: 403, reason: 'rateLimitExceeded' },
    });
    await world.book(world.lumiere);
    await until(
      async () =>
        (await world.sql`select 1 from private.sync_lanes where strikes > 0 or last_success_at is not null`).length > 0,
      'the limit was met',
    );
    await world.sql`update private.sync_lanes set paused_until = null where true`;
    await world.sql`update private.sync_outbox set next_attempt_at = now() where true`;
    await world.stack.runCron('cassius-sweep');
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F12: one bad appointment is parked and the others go on', async () => {
    await world.claire.connect(CLAIRE);
    const bad = await world.book(world.lumiere, { starts_at: tomorrow(12), ends_at: tomorrow(11) });
    const good = await world.book(world.lumiere);
    await world.settled();
    expect((await world.linkOf(bad))!.sync_status).toBe('error');
    expect((await world.linkOf(bad))!.last_error.code).toBe('INVALID_EVENT');
    expect((await world.linkOf(good))!.sync_status).toBe('synced');
    expect((await world.claire.call('google-connect/status')).body.failed).toBe(1);
    await world.change(world.lumiere, bad, { ends_at: tomorrow(13) });
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(2);
  });

  test('F09: a revoked grant is seen at once, the queue is held and drains after reconnecting', async () => {
    await world.claire.connect(CLAIRE);
    await world.google('revoke', { email: CLAIRE });
    await world.sql`update private.credentials set access_expires_at = now() where true`;
    await world.book(world.lumiere);
    await until(
      async () => (await world.claire.call('google-connect/status')).body.status === 'reconnect_required',
      'the dead grant is noticed',
    );
    expect((await world.claire.call('google-connect/status')).body.pending).toBe(1);
    await world.claire.connect(CLAIRE);
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test('F19: a deleted target calendar holds the queue until the person picks another', async () => {
    await world.claire.connect(CLAIRE);
    await world.claire.call('google-connect/settings', { method: 'PATCH', body: { calendar_target_id: SECONDARY } });
    await world.google('calendars', { id: SECONDARY, deleted: true });
    await world.book(world.lumiere);
    await until(
      async () => (await world.claire.call('google-connect/status')).body.status === 'error',
      'the loss is noticed',
    );
    expect((await world.claire.call('google-connect/status')).body.lastError.code).toBe('CALENDAR_NOT_FOUND');
    await world.claire.call('google-connect/settings', { method: 'PATCH', body: { calendar_target_id: CLAIRE } });
    await world.settled();
    expect(await world.live(CLAIRE)).toHaveLength(1);
  });

  test(
    'F26, F28: 500 appointments written while the functions are down become 500 events, with nobody pressing anything',
    async () => {
      await world.claire.connect(CLAIRE);
      await world.liftQuotas();
      await world.stack.stopFunctions();
      await world.bookMany(world.lumiere, 500);
      await world.stack.startFunctions();
      await world.stack.runCron('cassius-sweep');
      await world.settled();
      expect(await world.live(CLAIRE)).toHaveLength(500);
      const { inserts } = await world.google('state?only=inserts');
      expect(Object.keys(inserts)).toHaveLength(500);
    },
    60_000,
  );

  test('a forged nudge is refused and wakes nobody', async () => {
    const answer = await fetch(`${world.stack.apiUrl}/functions/v1/google-sync`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': 'msg_forged',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': 'v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      },
      body: '{}',
    });
    expect(answer.status).toBe(401);
    expect((await answer.json()).error).toBe('UNAUTHENTICATED');
  });

  test('sync now without a connection says so', async () => {
    const answer = await world.marc.call('google-sync/sync-now', { body: {} });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('NOT_CONNECTED');
  });
});

test('no token, name or title is in any log line', async () => {
  await world.claire.connect(CLAIRE);
  await world.book(world.lumiere);
  await world.settled();
  const tokens = await world
    .sql`select public.integration_credential(id) as credential from public.calendar_integrations`;
  const logs = world.stack.functionLogs();
  expect(logs).not.toMatch(/Lovelace|Contrôle|claire@/);
  for (const { credential } of tokens) {
    expect(logs).not.toContain(credential.accessToken);
    expect(logs).not.toContain(credential.refreshToken);
  }
});
