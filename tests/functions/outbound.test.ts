import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { until } from '../local/bare_database.ts';
import { google, Person } from './person.ts';

const CLAIRE = 'claire@gmail.test';
const MARC = 'marc@gmail.test';
const SECONDARY = 'claire-cabinet@group.calendar.google.com';

let stack: Stack;
let sql: postgres.Sql;
let claire: Person;
let marc: Person;

interface Practice {
  readonly client: SupabaseClient;
  readonly organisationId: string;
  readonly practitionerId: string;
  readonly patientId: string;
}
let lumiere: Practice;
let rivoli: Practice;

/** What a signed-in person sees of their practice, through RLS alone. */
async function practiceOf(person: Person): Promise<Practice> {
  const client = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { authorization: `Bearer ${person.token}` } },
  });
  const member = await client.from('organisation_members').select('id, organisation_id').eq('user_id', person.userId)
    .single();
  if (member.error) throw member.error;
  const patient = await client.from('patients').insert({
    organisation_id: member.data.organisation_id,
    first_name: 'Ada',
    last_name: 'Lovelace',
  }).select('id').single();
  if (patient.error) throw patient.error;
  return {
    client,
    organisationId: member.data.organisation_id,
    practitionerId: member.data.id,
    patientId: patient.data.id,
  };
}

beforeAll(async () => {
  stack = await startStack({ portBase: freePortBase(), web: false, quiet: true });
  sql = postgres(stack.adminDbUrl, { max: 2, onnotice: () => {} });
  claire = await Person.signIn(stack, 'claire@cabinet-lumiere.test');
  marc = await Person.signIn(stack, 'marc@cabinet-rivoli.test');
  lumiere = await practiceOf(claire);
  rivoli = await practiceOf(marc);
}, 120_000);

afterAll(async () => {
  await sql?.end();
  await stack?.stop();
});

beforeEach(async () => {
  await sql`delete from public.calendar_integrations where true`;
  await sql`delete from public.rdv where true`;
  await sql`delete from private.sync_outbox where true`;
  await google(stack, 'reset', {});
});

afterEach(async () => {
  const { violations, mails } = await google(stack, 'state?only=violations,mails');
  expect(violations).toEqual([]);
  expect(mails).toEqual([]);
});

const tomorrow = (hour: number) => {
  const day = new Date(Date.now() + 86_400_000);
  day.setUTCHours(hour, 0, 0, 0);
  return day.toISOString();
};

async function book(practice: Practice, fields: Record<string, unknown> = {}): Promise<string> {
  const { data, error } = await practice.client.from('rdv').insert({
    organisation_id: practice.organisationId,
    practitioner_id: practice.practitionerId,
    patient_id: practice.patientId,
    type: 'Contrôle',
    starts_at: tomorrow(9),
    ends_at: tomorrow(10),
    ...fields,
  }).select('id').single();
  if (error) throw error;
  return data.id;
}

async function change(practice: Practice, id: string, fields: Record<string, unknown>): Promise<void> {
  const { error } = await practice.client.from('rdv').update(fields).eq('id', id);
  if (error) throw error;
}

// deno-lint-ignore no-explicit-any
type Event = any;
async function events(): Promise<Event[]> {
  return (await google(stack, 'state?only=events')).events;
}
const live = async (calendarId: string): Promise<Event[]> =>
  (await events()).filter((event) => event.calendarId === calendarId && event.status !== 'cancelled');

/** No appointment waits and no lane is leased: what was written has been dealt with. */
async function settled(): Promise<void> {
  await until(
    async () => {
      const [row] = await sql`select
      (select count(*) from private.sync_outbox where parked_at is null) as waiting,
      (select count(*) from private.sync_lanes where lease_until > private.clock()) as leased`;
      return row!.waiting === '0' && row!.leased === '0';
    },
    'the queue is empty',
    20_000,
  );
}
const linkOf = async (rdvId: string) =>
  (await sql`select * from public.appointment_external_links where rdv_id = ${rdvId}`)[0];

describe('an appointment', () => {
  test('written in Postgres is an event in its own practitioner’s calendar, and in nobody else’s', async () => {
    await claire.connect(CLAIRE);
    await marc.connect(MARC);
    await Promise.all([book(lumiere), book(rivoli, { type: 'Détartrage' })]);
    await until(async () => (await live(CLAIRE)).length === 1 && (await live(MARC)).length === 1, 'both events');
    expect((await live(CLAIRE))[0].summary).toBe('[Cassius] Contrôle — Ada Lovelace');
    expect((await live(MARC))[0].summary).toBe('[Cassius] Détartrage — Ada Lovelace');
  });

  test('keeps one event through edit, cancel, un-cancel and delete', async () => {
    await claire.connect(CLAIRE);
    const id = await book(lumiere);
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
    expect((await linkOf(id))!.sync_status).toBe('synced');

    await change(lumiere, id, { starts_at: tomorrow(14), ends_at: tomorrow(15), location: 'Salle 2' });
    await settled();
    const [moved] = await live(CLAIRE);
    expect(Date.parse(moved.start.dateTime)).toBe(Date.parse(tomorrow(14)));
    expect(moved.location).toBe('Salle 2');

    await change(lumiere, id, { status: 'cancelled' });
    await settled();
    expect(await live(CLAIRE)).toEqual([]);
    expect((await linkOf(id))!.sync_status).toBe('none');

    await change(lumiere, id, { status: 'scheduled' });
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
    expect((await linkOf(id))!.epoch).toBe(1);

    const gone = await lumiere.client.from('rdv').delete().eq('id', id);
    expect(gone.error).toBeNull();
    await settled();
    expect(await live(CLAIRE)).toEqual([]);
  });

  test('whose event somebody deleted in the calendar comes back with the next change', async () => {
    await claire.connect(CLAIRE);
    const id = await book(lumiere);
    await settled();
    const { access_token } = await google(stack, 'token', { email: CLAIRE });
    const [event] = await live(CLAIRE);
    const gone = await fetch(
      `${stack.google.url}/calendar/v3/calendars/${encodeURIComponent(CLAIRE)}/events/${event.id}`,
      {
        method: 'DELETE',
        headers: { authorization: `Bearer ${access_token}` },
      },
    );
    expect(gone.status).toBe(204);
    await change(lumiere, id, { notes: 'Apporter la radio' });
    await settled();
    const [back] = await live(CLAIRE);
    expect(back.description).toContain('Apporter la radio');
    expect(back.id).not.toBe(event.id);
  });

  test('deleted in the calendar comes back when a person presses sync now', async () => {
    await claire.connect(CLAIRE);
    await book(lumiere);
    await settled();
    const { access_token } = await google(stack, 'token', { email: CLAIRE });
    const [event] = await live(CLAIRE);
    await fetch(`${stack.google.url}/calendar/v3/calendars/${encodeURIComponent(CLAIRE)}/events/${event.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${access_token}` },
    });
    const answer = await claire.call('google-sync/sync-now', { body: {} });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ created: 1, failed: 0, remaining: 0, failures: [] });
    expect(await live(CLAIRE)).toHaveLength(1);
  });

  test('without patient or start is not exported, and says why', async () => {
    await claire.connect(CLAIRE);
    const [noPatient, noStart] = await Promise.all([
      book(lumiere, { patient_id: null }),
      book(lumiere, { starts_at: null, ends_at: null }),
    ]);
    await settled();
    expect(await live(CLAIRE)).toEqual([]);
    expect((await linkOf(noPatient))!.skip_reason).toBe('no_patient');
    expect((await linkOf(noStart))!.skip_reason).toBe('no_start');
  });

  test('handed to another practitioner leaves the first calendar', async () => {
    await claire.connect(CLAIRE);
    const id = await book(lumiere);
    await settled();
    const [other] = await sql`insert into public.organisation_members (organisation_id, role, display_name)
      values (${lumiere.organisationId}, 'practitioner', 'Dr Remplaçant') returning id`;
    await change(lumiere, id, { practitioner_id: other!.id });
    await settled();
    expect(await live(CLAIRE)).toEqual([]);
  });
});

describe('what is shared with the calendar', () => {
  test('follows the level of detail, for the events that exist too', async () => {
    await claire.connect(CLAIRE);
    await book(lumiere, { act: 'Couronne', notes: 'Allergie pénicilline' });
    await settled();
    await claire.call('google-connect/settings', { method: 'PATCH', body: { event_detail: 'initials' } });
    await settled();
    const [initials] = await live(CLAIRE);
    expect(initials.summary).toBe('[Cassius] Contrôle — A. L.');
    expect(initials.description).not.toContain('Allergie');
    await claire.call('google-connect/settings', { method: 'PATCH', body: { event_detail: 'busy' } });
    await settled();
    const [busy] = await live(CLAIRE);
    expect(`${busy.summary} ${busy.description}`).not.toMatch(/Lovelace|A\. L\.|Couronne|Contrôle|Allergie/);
  });

  test('shows a patient’s new name', async () => {
    await claire.connect(CLAIRE);
    await book(lumiere);
    await settled();
    const { error } = await lumiere.client.from('patients').update({ last_name: 'King' }).eq('id', lumiere.patientId);
    expect(error).toBeNull();
    await settled();
    expect((await live(CLAIRE))[0].summary).toBe('[Cassius] Contrôle — Ada King');
    await lumiere.client.from('patients').update({ last_name: 'Lovelace' }).eq('id', lumiere.patientId);
    await settled();
  });

  test('moves with the target calendar', async () => {
    await claire.connect(CLAIRE);
    await book(lumiere);
    await settled();
    const changed = await claire.call('google-connect/settings', {
      method: 'PATCH',
      body: { calendar_target_id: SECONDARY },
    });
    expect(changed.status).toBe(200);
    await settled();
    expect(await live(CLAIRE)).toEqual([]);
    expect(await live(SECONDARY)).toHaveLength(1);
  });
});

describe('switching off', () => {
  test('export stops the sync', async () => {
    await claire.connect(CLAIRE);
    await claire.call('google-connect/settings', { method: 'PATCH', body: { export_enabled: false } });
    await book(lumiere);
    await settled();
    expect(await live(CLAIRE)).toEqual([]);
    await claire.call('google-connect/settings', { method: 'PATCH', body: { export_enabled: true } });
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
  });

  test('F17: disconnecting and connecting the same account again makes no second event', async () => {
    await claire.connect(CLAIRE);
    const id = await book(lumiere);
    await settled();
    const ended = await claire.call('google-connect/disconnect', { body: {} });
    expect(ended.body.state).toBe('disconnected');
    await change(lumiere, id, { notes: 'Changé pendant la coupure' });
    await settled();
    expect((await live(CLAIRE))[0].description).not.toContain('coupure');
    await claire.connect(CLAIRE);
    await settled();
    const after = await live(CLAIRE);
    expect(after).toHaveLength(1);
    expect(after[0].description).toContain('coupure');
  });

  test('a disconnect that removes the events leaves none behind and forgets the tokens', async () => {
    await claire.connect(CLAIRE);
    await Promise.all(
      Array.from(
        { length: 8 },
        (_, hour) => book(lumiere, { starts_at: tomorrow(8 + hour), ends_at: tomorrow(9 + hour) }),
      ),
    );
    await settled();
    expect(await live(CLAIRE)).toHaveLength(8);
    const ended = await claire.call('google-connect/disconnect', { body: { removeEvents: true } });
    expect(ended.status).toBe(200);
    await until(async () => (await live(CLAIRE)).length === 0, 'no event is left', 20_000);
    await until(async () => (await sql`select 1 from private.credentials`).length === 0, 'the tokens are forgotten');
  });
});

describe('when things break', () => {
  test('F01: nothing is duplicated when every answer to a create is lost once', async () => {
    await claire.connect(CLAIRE);
    for (const method of ['events.insert']) {
      await google(stack, 'faults', { match: { method }, nth: 1, action: { loseAnswer: 503 } });
    }
    await book(lumiere);
    await until(async () => (await live(CLAIRE)).length === 1, 'the event was made');
    await sql`update private.sync_outbox set next_attempt_at = now() where true`;
    await sql`update private.sync_lanes set paused_until = null where true`;
    await stack.runCron('cassius-sweep');
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
    const { inserts } = await google(stack, 'state?only=inserts');
    // asked for twice under one id: the second answer, 409, led to the event that the first had made
    expect(Object.values(inserts)).toEqual([{ asked: 2, created: 0 }]);
    expect(await events()).toHaveLength(1);
  });

  test('F08: a rate limit keeps the appointment waiting in sight, and it goes through afterwards', async () => {
    await claire.connect(CLAIRE);
    await google(stack, 'faults', {
      match: { method: 'events.insert' },
      nth: 1,
      action: { status: 403, reason: 'rateLimitExceeded' },
    });
    await book(lumiere);
    await until(
      async () =>
        (await sql`select 1 from private.sync_lanes where strikes > 0 or last_success_at is not null`).length > 0,
      'the limit was met',
    );
    await sql`update private.sync_lanes set paused_until = null where true`;
    await sql`update private.sync_outbox set next_attempt_at = now() where true`;
    await stack.runCron('cassius-sweep');
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
  });

  test('F12: one bad appointment is parked and the others go on', async () => {
    await claire.connect(CLAIRE);
    const bad = await book(lumiere, { starts_at: tomorrow(12), ends_at: tomorrow(11) });
    const good = await book(lumiere);
    await settled();
    expect((await linkOf(bad))!.sync_status).toBe('error');
    expect((await linkOf(bad))!.last_error.code).toBe('INVALID_EVENT');
    expect((await linkOf(good))!.sync_status).toBe('synced');
    expect((await claire.call('google-connect/status')).body.failed).toBe(1);
    await change(lumiere, bad, { ends_at: tomorrow(13) });
    await settled();
    expect(await live(CLAIRE)).toHaveLength(2);
  });

  test('F09: a revoked grant is seen at once, the queue is held and drains after reconnecting', async () => {
    await claire.connect(CLAIRE);
    await google(stack, 'revoke', { email: CLAIRE });
    await sql`update private.credentials set access_expires_at = now() where true`;
    await book(lumiere);
    await until(
      async () => (await claire.call('google-connect/status')).body.status === 'reconnect_required',
      'the dead grant is noticed',
    );
    expect((await claire.call('google-connect/status')).body.pending).toBe(1);
    await claire.connect(CLAIRE);
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
  });

  test('F19: a deleted target calendar holds the queue until the person picks another', async () => {
    await claire.connect(CLAIRE);
    await claire.call('google-connect/settings', { method: 'PATCH', body: { calendar_target_id: SECONDARY } });
    await google(stack, 'calendars', { id: SECONDARY, deleted: true });
    await book(lumiere);
    await until(
      async () => (await claire.call('google-connect/status')).body.status === 'error',
      'the loss is noticed',
    );
    expect((await claire.call('google-connect/status')).body.lastError.code).toBe('CALENDAR_NOT_FOUND');
    await claire.call('google-connect/settings', { method: 'PATCH', body: { calendar_target_id: CLAIRE } });
    await settled();
    expect(await live(CLAIRE)).toHaveLength(1);
  });

  test(
    '500 appointments written while the functions are down become 500 events, with nobody pressing anything',
    async () => {
      await claire.connect(CLAIRE);
      await sql`insert into private.app_config (key, value) values ('units_per_minute.google', '0') on conflict (key) do nothing`;
      await google(stack, 'settings', { unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 0 });
      await stack.stopFunctions();
      await sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
      select ${lumiere.organisationId}, ${lumiere.practitionerId}, ${lumiere.patientId}, 'Contrôle',
        now() + n * interval '1 hour', now() + n * interval '1 hour' + interval '30 minutes'
      from generate_series(1, 500) n`;
      await stack.startFunctions();
      await stack.runCron('cassius-sweep');
      await settled();
      expect(await live(CLAIRE)).toHaveLength(500);
      const { inserts } = await google(stack, 'state?only=inserts');
      expect(Object.keys(inserts)).toHaveLength(500);
      await sql`delete from private.app_config where key = 'units_per_minute.google'`;
    },
    60_000,
  );

  test('a forged nudge is refused and wakes nobody', async () => {
    const answer = await fetch(`${stack.apiUrl}/functions/v1/google-sync`, {
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
    const answer = await marc.call('google-sync/sync-now', { body: {} });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('NOT_CONNECTED');
  });
});

test('no token, name or title is in any log line', async () => {
  await claire.connect(CLAIRE);
  await book(lumiere);
  await settled();
  const tokens = await sql`select public.integration_credential(id) as credential from public.calendar_integrations`;
  const logs = stack.functionLogs();
  expect(logs).not.toMatch(/Lovelace|Contrôle|claire@/);
  for (const { credential } of tokens) {
    expect(logs).not.toContain(credential.accessToken);
    expect(logs).not.toContain(credential.refreshToken);
  }
});
