/** The whole stack with two connected people, as the tests of the outbound sync meet it: only the public contract writes. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { until } from '../local/bare_database.ts';
import { forgetConnections } from './forget_connections.ts';
import { google, Person } from './person.ts';

export const CLAIRE = 'claire@gmail.test';
export const MARC = 'marc@gmail.test';
export const SECONDARY = 'claire-cabinet@group.calendar.google.com';

export interface Practice {
  readonly client: SupabaseClient;
  readonly organisationId: string;
  readonly practitionerId: string;
  readonly patientId: string;
}

// deno-lint-ignore no-explicit-any
export type Event = any;

/** An hour of tomorrow, UTC. */
export function tomorrow(hour: number): string {
  const day = new Date(Date.now() + 86_400_000);
  day.setUTCHours(hour, 0, 0, 0);
  return day.toISOString();
}

/** Starts the stack for a test file; every test begins with nobody connected, and ends without mail or violation. */
export class OutboundWorld {
  stack!: Stack;
  sql!: postgres.Sql;
  claire!: Person;
  marc!: Person;
  lumiere!: Practice;
  rivoli!: Practice;

  constructor() {
    beforeAll(() => this.#start(), 120_000);
    afterAll(async () => {
      await this.sql?.end();
      await this.stack?.stop();
    });
    beforeEach(() => this.#reset());
    afterEach(async () => {
      const { violations, mails } = await this.google('state?only=violations,mails');
      expect(violations).toEqual([]);
      expect(mails).toEqual([]);
    });
  }

  async #start(): Promise<void> {
    this.stack = await startStack({ portBase: freePortBase(), web: false, quiet: true });
    this.sql = postgres(this.stack.adminDbUrl, { max: 2, onnotice: () => {} });
    this.claire = await Person.signIn(this.stack, 'claire@cabinet-lumiere.test');
    this.marc = await Person.signIn(this.stack, 'marc@cabinet-rivoli.test');
    this.lumiere = await this.#practiceOf(this.claire);
    this.rivoli = await this.#practiceOf(this.marc);
  }

  async #reset(): Promise<void> {
    const { sql } = this;
    // Whoever is still at it has locks that a deletion would meet in another order.
    await this.idle();
    await sql`delete from private.app_config where key in ('clock_offset', 'units_per_minute.google')`;
    await forgetConnections(sql);
    await sql`delete from public.rdv where true`;
    await sql`delete from private.sync_outbox where true`;
    await sql`delete from private.account_budgets where true`;
    await this.google('reset', {});
  }

  /** What a signed-in person sees of their practice, through RLS alone. */
  async #practiceOf(person: Person): Promise<Practice> {
    const client = createClient(this.stack.apiUrl, this.stack.publishableKey, {
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

  /** The emulator's controls. */
  google(route: string, body?: unknown) {
    return google(this.stack, route, body);
  }

  fault(rule: Record<string, unknown>) {
    return this.google('faults', rule);
  }

  async book(practice: Practice, fields: Record<string, unknown> = {}): Promise<string> {
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

  /** Many at once, an hour each, from the next hour on. */
  async bookMany(practice: Practice, count: number): Promise<void> {
    await this.sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
      select ${practice.organisationId}, ${practice.practitionerId}, ${practice.patientId}, 'Contrôle',
        now() + n * interval '1 hour', now() + n * interval '1 hour' + interval '30 minutes'
      from generate_series(1, ${count}::integer) n`;
  }

  async change(practice: Practice, id: string, fields: Record<string, unknown>): Promise<void> {
    const { error } = await practice.client.from('rdv').update(fields).eq('id', id);
    if (error) throw error;
  }

  /** Every event that was ever made, with its `calendarId`. */
  async events(): Promise<Event[]> {
    return (await this.google('state?only=events')).events;
  }

  async live(calendarId: string): Promise<Event[]> {
    return (await this.events()).filter((event) => event.calendarId === calendarId && event.status !== 'cancelled');
  }

  /** What the person does in Google's own pages. */
  async asPerson(email: string, method: string, path: string, body?: unknown): Promise<Event> {
    const { access_token } = await this.google('token', { email });
    const answer = await fetch(`${this.stack.google.url}/calendar/v3/calendars/${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** The calls that the product made, as `method status`, without reads of the calendar list. */
  async calls(method: string): Promise<Event[]> {
    return (await this.google('state?only=calls')).calls.filter((call: Event) => call.method === method);
  }

  async linkOf(rdvId: string) {
    return (await this.sql`select * from public.appointment_external_links where rdv_id = ${rdvId}`)[0];
  }

  async statusOf(person: Person) {
    return (await person.call('google-connect/status')).body;
  }

  async settings(person: Person, body: Record<string, unknown>) {
    const answer = await person.call('google-connect/settings', { method: 'PATCH', body });
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  }

  /** No appointment waits and no lane is leased: what was written has been dealt with. */
  async settled(): Promise<void> {
    await until(
      async () => {
        const [row] = await this.sql`select
          (select count(*) from private.sync_outbox where parked_at is null) as waiting,
          (select count(*) from private.sync_lanes where lease_until > private.clock()) as leased`;
        return row!.waiting === '0' && row!.leased === '0';
      },
      'the queue is empty',
      20_000,
    );
  }

  /** Time passes: pauses are over, and the minute's sweep finds what is due. */
  async later(): Promise<void> {
    await this.idle();
    await this.sql`update private.sync_lanes set paused_until = null where true`;
    await this.sql`update private.sync_outbox set next_attempt_at = now() where parked_at is null`;
    await this.stack.runCron('cassius-sweep');
  }

  /** No worker has a lane in hand. */
  async idle(): Promise<void> {
    await until(
      async () => (await this.sql`select 1 from private.sync_lanes where lease_until > private.clock()`).length === 0,
      'no worker is at it',
      20_000,
    );
  }

  /** Waits for a lane to be paused, and gives the reason and the seconds. */
  async paused(): Promise<{ code: string; seconds: number }> {
    let found: { code: string; seconds: number } | undefined;
    await until(
      async () => {
        const [row] = await this.sql`select pause_code as code,
            extract(epoch from paused_until - private.clock())::float8 as seconds
          from private.sync_lanes where paused_until > private.clock() and pause_code is not null`;
        found = row as typeof found;
        return found !== undefined;
      },
      'the lane is paused',
      20_000,
    );
    return found!;
  }

  /** Lets the product and Google spend as many units as they like. */
  async liftQuotas(): Promise<void> {
    await this.sql`insert into private.app_config (key, value) values ('units_per_minute.google', '0')`;
    await this.google('settings', { unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 0 });
  }
}
