/** The whole stack with two people who may connect, as the tests of the outbound sync meet it: only the public contract writes. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { until } from '../local/bare_database.ts';
import { type Emulator, emulatorOf, type Json } from './emulator.ts';
import { REQUEST_PAUSE_MS } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import { forgetConnections } from './forget_connections.ts';
import { tomorrow } from './moments.ts';
import { Person } from './person.ts';
import type { Entry, ProviderStage, SeenEvent, StageAccount, Step, Trouble } from './provider_stage.ts';
import { STAGES } from './stages.ts';

export interface Practice {
  readonly client: SupabaseClient;
  readonly organisationId: string;
  readonly practitionerId: string;
  readonly patientId: string;
}

/** Which of the requests of a step a trouble hits; all of them where nothing is said. */
export interface Hits {
  readonly nth?: number;
  readonly times?: number;
}

/** Starts the stack for a test file; every test begins without a connection, and ends without mail or violation. */
export class OutboundWorld {
  stack!: Stack;
  sql!: postgres.Sql;
  /** At the provider that the tests are at. */
  claire!: Person;
  marc!: Person;
  lumiere!: Practice;
  rivoli!: Practice;
  /** Where the tests are. */
  stage!: ProviderStage;

  constructor() {
    beforeAll(() => this.#start());
    tellFailures(() => this.stack && { stack: this.stack });
    afterAll(async () => {
      await this.sql?.end();
      await this.stack?.stop();
    });
    beforeEach(() => this.#reset());
    afterEach(async () => {
      for (const [name] of STAGES) {
        const { violations, mails } = await emulatorOf(this.stack, name).control('state?only=violations,mails');
        expect(violations).toEqual([]);
        expect(mails).toEqual([]);
      }
    });
  }

  /** The tests of this suite are at that provider. */
  at(stage: ProviderStage): void {
    beforeAll(() => this.enter(stage));
  }

  enter(stage: ProviderStage): void {
    this.stage = stage;
    this.claire = this.claire.at(stage.name);
    this.marc = this.marc.at(stage.name);
  }

  async #start(): Promise<void> {
    this.stack = await startStack({
      portBase: freePortBase(),
      web: false,
      quiet: true,
      requestPauseMs: REQUEST_PAUSE_MS,
      scheduled: false,
    });
    this.sql = postgres(this.stack.adminDbUrl, { max: 2, onnotice: () => {} });
    this.claire = await Person.signIn(this.stack, 'claire@cabinet-lumiere.test');
    this.marc = await Person.signIn(this.stack, 'marc@cabinet-rivoli.test');
    this.lumiere = await this.#practiceOf(this.claire);
    this.rivoli = await this.#practiceOf(this.marc);
  }

  async #reset(): Promise<void> {
    const { sql } = this;
    // A worker that is still at it has locks that a deletion would meet in another order.
    await this.idle();
    await sql`delete from private.app_config where key = 'clock_offset' or key like '%units_per_minute.%'`;
    await forgetConnections(sql);
    await sql`delete from public.rdv where true`;
    await sql`delete from private.sync_outbox where true`;
    await sql`delete from private.account_budgets where true`;
    await sql`delete from private.project_budgets where true`;
    await sql`delete from private.practice_shares where true`;
    await sql`delete from private.worker_places where true`;
    for (const [name] of STAGES) await emulatorOf(this.stack, name).control('reset', {});
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

  get emulator(): Emulator {
    return emulatorOf(this.stack, this.stage.name);
  }

  get account(): StageAccount {
    return this.stage.claire;
  }

  switch(switches: Readonly<Record<string, unknown>>): Promise<Json> {
    return this.emulator.control('settings', switches);
  }

  /** From now on the provider does this to what the product asks of it. */
  fault(step: Step, action: Trouble, hits: Hits = {}): Promise<Json> {
    return this.emulator.control('faults', { match: { method: this.stage.steps[step] }, ...hits, action });
  }

  /** The provider behaves again. */
  calm(): Promise<Json> {
    return this.emulator.control('faults', { clear: true });
  }

  /** What is left of a person's change to the very event that the product is about to change. */
  edited(entry: Entry): Trouble {
    return { editFirst: this.stage.resource(entry) };
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

  /** Every event that was ever made. */
  async events(): Promise<SeenEvent[]> {
    return (await this.emulator.control('state?only=events')).events.map(this.stage.seen);
  }

  async live(calendarId = this.account.calendar): Promise<SeenEvent[]> {
    return (await this.events()).filter((event) => event.calendarId === calendarId && event.live);
  }

  /** The only event that lives there. */
  async event(calendarId = this.account.calendar): Promise<SeenEvent> {
    const [event, ...more] = await this.live(calendarId);
    if (!event || more.length > 0) throw new Error(`There is not one event but ${event ? 1 + more.length : 0}`);
    return event;
  }

  /** What the product asked, in order, each with its answer's status. */
  async requests(): Promise<Array<{ step: Step | string; status: number; sendUpdates?: string }>> {
    const steps = new Map(Object.entries(this.stage.steps).map(([step, method]) => [method, step]));
    return (await this.emulator.control('state?only=calls')).calls
      .map((call: Json) => ({ ...call, step: steps.get(call.method) ?? call.method }));
  }

  async calls(step: Step): Promise<Array<{ status: number }>> {
    return (await this.requests()).filter((call) => call.step === step);
  }

  /** The steps that wrote, in order. */
  async writes(): Promise<string[]> {
    return (await this.requests()).map(({ step }) => step).filter((step) => WRITES.test(step));
  }

  /** For each id under which an event was asked for, how often. */
  async creates(): Promise<Array<{ asked: number; created: number }>> {
    return Object.values((await this.emulator.control('state?only=inserts')).inserts);
  }

  async linkOf(rdvId: string) {
    return (await this.sql`select * from public.appointment_external_links where rdv_id = ${rdvId}`)[0];
  }

  async statusOf(person: Person) {
    return (await person.use('connect/status')).body;
  }

  async settings(person: Person, body: Record<string, unknown>) {
    const answer = await person.use('connect/settings', { method: 'PATCH', body });
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  }

  /**
   * No appointment waits and no lane is leased: what was written has been dealt with. What was noted for a connection in
   * the very moment in which it ended waits for its return, or for ever.
   */
  async settled(): Promise<void> {
    await until(async () => {
      const { waiting, leased } = await this.#underWay();
      return waiting === 0 && leased === 0;
    }, 'the queue is empty');
  }

  /** As long as nothing but waiting for another try is left, that try comes at once. */
  async #underWay(): Promise<{ waiting: number; leased: number }> {
    const [row] = await this.sql<{ waiting: number; retried: number; leased: number }[]>`select
      (select count(*) from private.sync_outbox o join public.calendar_integrations i on i.id = o.integration_id
        where o.parked_at is null and i.disconnected_at is null)::integer as waiting,
      (select count(*) from private.sync_outbox o
        where o.parked_at is null and o.attempts > 0 and o.next_attempt_at > private.clock())::integer as retried,
      (select count(*) from private.sync_lanes where lease_until > private.clock())::integer as leased`;
    const { waiting, retried, leased } = row!;
    if (leased === 0 && retried > 0 && retried === waiting) await this.later();
    return { waiting, leased };
  }

  /** Waits for the state of Claire's connection; what waits for another try gets it at once. */
  async reaches(status: string, what: string): Promise<void> {
    await until(async () => {
      await this.#underWay();
      return (await this.statusOf(this.claire)).status === status;
    }, what);
  }

  /** Nothing is sent to the functions meanwhile: pg_net is gone, and the database only warns. */
  async withoutWakeUps(work: () => Promise<unknown>): Promise<void> {
    await this.sql`alter function net.http_post(text, jsonb, jsonb, jsonb, integer) rename to http_post_gone`;
    try {
      await work();
    } finally {
      await this.sql`alter function net.http_post_gone(text, jsonb, jsonb, jsonb, integer) rename to http_post`;
    }
  }

  /** What is written meanwhile waits for its turn: no worker can claim, one that an earlier wake-up started neither. */
  async unclaimed(work: () => Promise<void>): Promise<void> {
    await this.sql.begin(async (sql) => {
      await sql`lock table private.sync_lanes in exclusive mode`;
      await work();
    });
  }

  /** Time passes: pauses are over, and the minute's sweep finds what is due. */
  async later(): Promise<void> {
    await this.idle();
    await this.sql`update private.sync_outbox set next_attempt_at = now() where parked_at is null`;
    await this.sql`update private.sync_lanes
      set paused_until = null, first_due_at = least(first_due_at, private.clock()) where true`;
    await this.stack.runCron('cassius-sweep');
  }

  /** No worker has a lane in hand. */
  async idle(): Promise<void> {
    await until(
      async () => (await this.sql`select 1 from private.sync_lanes where lease_until > private.clock()`).length === 0,
      'no worker is at it',
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
    );
    return found!;
  }

  /** Lets the product and the provider spend as many units as they like. */
  async liftQuotas(): Promise<void> {
    await this.sql`insert into private.app_config (key, value) values (${`units_per_minute.${this.stage.name}`}, '0'),
      (${`project_units_per_minute.${this.stage.name}`}, '0')`;
    await this.switch(this.stage.switches.unlimited);
  }
}

/** Writes by our three steps, and by any other way there is. */
const WRITES = /^(create|change|delete|events\.(update|move|import|cancel))$/;
