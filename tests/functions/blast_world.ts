/**
 * Two practices with a connection each, both ways: Rivoli's is poisoned, Lumière's must not feel it. What is asserted is
 * counted in claims, never in seconds.
 */
import type postgres from 'postgres';
import { afterAll, beforeAll, expect } from 'vitest';
import { until } from '../local/bare_database.ts';
import { PATIENCE_MS } from '../patience.ts';
import { InboundWorld } from './inbound_world.ts';
import { day } from './moments.ts';
import type { Practice } from './outbound_world.ts';
import type { Person } from './person.ts';
import type { Entry, StageAccount } from './provider_stage.ts';
import { type ClaimKind, StepFaults } from './step_faults.ts';
import { STEPS } from './sync_steps.ts';

/** What a person reads about their connection. */
export interface Told {
  readonly status: string;
  readonly pending: number;
  readonly failed: number;
  readonly lastError: string | null;
  readonly importing: boolean;
  readonly importError: string | null;
  /** Entries that the last import could not take over. */
  readonly entriesFailed: number;
  readonly push: string;
}

const SETTINGS = { import_enabled: true, import_range_default: '30d', two_way: 'auto' };

export class BlastWorld extends InboundWorld {
  faults!: StepFaults;
  #hour = 0;
  /** The appointment and the entry that the poisoned practice had before. */
  known!: { rdv: string; entry: string };

  constructor() {
    super();
    beforeAll(async () => {
      this.faults = await StepFaults.start(this.stack.dbUrl, STEPS.flatMap(({ calls }) => calls ?? []));
    });
    afterAll(async () => {
      await this.faults?.stop();
      this.#blackHole?.close();
    });
  }

  get victim(): StageAccount {
    return this.stage.marc;
  }

  /** The poisoned connection's id. */
  async poisoned(): Promise<string> {
    const [row] = await this.sql`select id from public.calendar_integrations
      where organisation_id = ${this.rivoli.organisationId} and provider = ${this.stage.name}`;
    return row!.id;
  }

  /** Both connected, both ways, with something in step already; notices come. */
  async bothInStep(): Promise<void> {
    this.#hour = 0;
    await this.liftQuotas();
    for (const [person, { email }] of this.#people()) {
      expect(await person.connect(email)).toMatchObject({ result: { result: 'connected' } });
      await this.settings(person, SETTINGS);
    }
    this.known = { rdv: await this.books(), entry: (await this.adds()).id };
    await this.#recover();
  }

  #people(): Array<[Person, StageAccount, Practice]> {
    return [[this.marc, this.stage.marc, this.rivoli], [this.claire, this.stage.claire, this.lumiere]];
  }

  /** An hour that nothing has. */
  #free(): { starts_at: string; ends_at: string } {
    const at = this.#hour++;
    const [days, hour] = [2 + Math.floor(at / 10), 6 + at % 10];
    return { starts_at: day(days, hour), ends_at: new Date(Date.parse(day(days, hour)) + 1_800_000).toISOString() };
  }

  books(fields: Record<string, unknown> = {}): Promise<string> {
    return this.book(this.rivoli, { ...this.#free(), ...fields });
  }

  /** The poisoned practice's person adds an entry to their calendar. */
  adds(entry: Entry = {}): Promise<{ id: string }> {
    const { starts_at: start, ends_at: end } = this.#free();
    const { email, calendar } = this.victim;
    return this.stage.person.add(this.emulator, email, calendar, { title: 'Le leur', start, end, ...entry });
  }

  /** … and moves our event. */
  async moves(to: Entry): Promise<void> {
    const { external_event_id: id } = (await this.linkOf(this.known.rdv))!;
    await this.stage.person.edit(this.emulator, this.victim.email, { calendar: this.victim.calendar, id }, to);
  }

  /** … and removes an entry, and the provider forgets what it has told. */
  async losesItsCursor(): Promise<void> {
    const { email, calendar } = this.victim;
    await this.stage.expireCursors(this.emulator, calendar);
    await this.stage.person.remove(this.emulator, email, { calendar, id: this.known.entry });
    await this.readsAgain();
  }

  /** The subscription is over. */
  async losesItsChannel(): Promise<void> {
    await this.sql`update private.watch_channels set expires_at = private.clock()
      where integration_id = ${await this.poisoned()}`;
    await this.readsAgain();
  }

  async edits(id: string, entry: Entry): Promise<void> {
    const { email, calendar } = this.victim;
    await this.stage.person.edit(this.emulator, email, { calendar, id }, entry);
  }

  /** Writes as a host application does that has no checks on its texts. */
  async withoutTextChecks(work: () => Promise<unknown>): Promise<void> {
    const bounds = await this.sql`select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = 'public.rdv'::regclass and contype = 'c' and pg_get_constraintdef(oid) ilike '%length(%'`;
    for (const { name } of bounds) await this.sql`alter table public.rdv drop constraint ${this.sql(name)}`;
    try {
      await work();
    } finally {
      for (const { name, definition } of bounds) {
        await this.sql.unsafe(`alter table public.rdv add constraint "${name}" ${definition} not valid`);
      }
    }
  }

  async booksHeavily(count: number, characters: number): Promise<void> {
    const { organisationId, practitionerId, patientId } = this.rivoli;
    const from = day(40, 0);
    await this.sql`insert into public.rdv
        (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at, notes)
      select ${organisationId}, ${practitionerId}, ${patientId}, 'Contrôle', t, t + interval '30 minutes',
        repeat(md5(n::text), ${characters / 32}::integer)
      from generate_series(1, ${count}::integer) n, lateral (select ${from}::timestamptz + n * interval '1 hour' as t) x`;
  }

  /** The queue refuses the poisoned connection's rows. */
  async refusesMarks(): Promise<void> {
    await this.takesMarks();
    await this.sql.unsafe(`alter table private.sync_outbox
      add constraint refused check (integration_id <> '${await this.poisoned()}') not valid`);
  }

  async takesMarks(): Promise<void> {
    await this.sql`alter table private.sync_outbox drop constraint if exists refused`;
  }

  /** Entries with as much in each as a provider allows. */
  async fills(count: number): Promise<void> {
    const description = 'é'.repeat(3800);
    for (let n = 0; n < count; n++) {
      const start = day(25, 0);
      const at = new Date(Date.parse(start) + n * 240_000).toISOString();
      const end = new Date(Date.parse(at) + 180_000).toISOString();
      const resource = this.stage.resource({ title: `Lourd ${n}`, description, start: at, end });
      await this.stage.seed(this.emulator, this.victim.calendar, { ...resource, ...this.stage.guests(30) });
    }
  }

  async forgesNotices(times: number): Promise<void> {
    const [channel] = await this.sql`select channel_id, resource_id from private.watch_channels
      where integration_id = ${await this.poisoned()} and replaced_at is null and resource_id is not null`;
    const address = `${this.stack.apiUrl}/functions/v1/${this.stage.name}-import/notifications`;
    const watch = { channelId: channel!.channel_id, resourceId: channel!.resource_id };
    for (const notice of Array.from({ length: times }, () => this.stage.forgedNotices(watch)).flat()) {
      const answer = await fetch(address, { method: 'POST', ...notice });
      await answer.body?.cancel();
    }
  }

  /** A tool that edits an entry as fast as it can. */
  async editsAtOnce(count: number): Promise<void> {
    await Promise.all(Array.from({ length: 10 }, async (_, lane) => {
      for (let n = lane; n < count; n += 10) await this.edits(this.known.entry, { title: `Version ${n}` });
    }));
  }

  /** Requests of another application's that hang in pg_net for so long. */
  async hangsRequests(count: number, timeoutMs: number): Promise<void> {
    const { hostname, port } = (this.#blackHole ??= Deno.listen({ hostname: '127.0.0.1', port: 0 }))
      .addr as Deno.NetAddr;
    await this.sql`select net.http_get(${`http://${hostname}:${port}/`}, timeout_milliseconds => ${timeoutMs}::integer)
      from generate_series(1, ${count}::integer)`;
  }

  #blackHole: Deno.Listener | null = null;
  #rightKey: { canaries: postgres.Row[]; credential: postgres.Row } | null = null;

  /** As if the poisoned practice's token, and the sample by which the key is known, had been sealed with another key. */
  async foreignKey(): Promise<void> {
    const poisoned = await this.poisoned();
    const canaries = await this.sql`select scheme, sealed from private.sealing_canaries`;
    const [credential] = await this.sql`select access_sealed, refresh_sealed from private.credentials
      where integration_id = ${poisoned}`;
    this.#rightKey = { canaries, credential: credential! };
    await this.#sealedAnew(async (sql) => {
      await sql`update private.sealing_canaries set sealed = sealed || '{"ciphertext": "00"}'`;
      await sql`update private.credentials set access_sealed = access_sealed || '{"ciphertext": "00"}',
        refresh_sealed = refresh_sealed || '{"ciphertext": "00"}' where integration_id = ${poisoned}`;
    });
  }

  async rightKey(): Promise<void> {
    const { canaries, credential } = this.#rightKey!;
    const poisoned = await this.poisoned();
    await this.#sealedAnew(async (sql) => {
      for (const { scheme, sealed } of canaries) {
        await sql`update private.sealing_canaries set sealed = ${sql.json(sealed)} where scheme = ${scheme}`;
      }
      await sql`update private.credentials set access_sealed = ${sql.json(credential.access_sealed)},
        refresh_sealed = ${sql.json(credential.refresh_sealed)} where integration_id = ${poisoned}`;
    });
  }

  /** No trigger takes the secrets away that are put back later. */
  async #sealedAnew(work: (sql: postgres.TransactionSql) => Promise<void>): Promise<void> {
    await this.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await work(sql);
    });
  }

  /** The next regular reading is due; gives true. */
  async readsOnceMore(): Promise<true> {
    await this.sql`update private.calendar_cursors set next_poll_at = private.clock()
      where integration_id = ${await this.poisoned()} and lease_until is null`;
    await this.stack.runCron('cassius-import-sweep');
    return true;
  }

  async readsAgain(): Promise<void> {
    await this
      .sql`update private.calendar_cursors set next_poll_at = private.clock() - interval '1 second', failures = 0
      where integration_id = ${await this.poisoned()}`;
    await this.stack.runCron('cassius-import-sweep');
  }

  /** The lease of the poisoned connection's worker is over, and the sweep finds it so. */
  async leaseEnds(): Promise<void> {
    const poisoned = await this.poisoned();
    await this.sql`update private.sync_lanes set lease_until = private.clock() - interval '1 second'
      where integration_id = ${poisoned} and lease_owner is not null`;
    await this.sql`update private.calendar_cursors set lease_until = private.clock() - interval '1 second'
      where integration_id = ${poisoned} and lease_owner is not null`;
    await this.stack.runCron('cassius-sweep');
    await this.stack.runCron('cassius-import-sweep');
  }

  /** What a step asks of the provider goes wrong for the poisoned account. */
  async faultForVictim(method: string, action: object, hits: object = {}): Promise<void> {
    await this.emulator.control('faults', { match: { method, account: this.victim.email }, ...hits, action });
  }

  /** Such a fault has hit. */
  async faultHit(): Promise<void> {
    const hit = async () => (await this.emulator.control('state?only=faults')).faults;
    await until(async () => (await hit()).some(({ fired }: { fired: number }) => fired > 0), 'the fault has hit');
  }

  /** As the platform ends what uses too much, without a word. */
  async killFunctions(...names: string[]): Promise<void> {
    const before = this.stack.functionPids();
    for (const name of names.map((one) => `${this.stage.name}-${one}`)) {
      Deno.kill(before[name]!, 'SIGKILL');
      // What is sent to a process that is about to be found dead is lost, as on any machine that fails: the sweep's matter.
      await until(
        () => Promise.resolve(![undefined, before[name]].includes(this.stack.functionPids()[name])),
        `another process of ${name}`,
      );
    }
  }

  /** The transactions that hang at a step come to nothing. */
  async endsWhatIsHeld(): Promise<void> {
    await this.sql`select pg_cancel_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and not l.granted`;
  }

  /** The other practice books, and adds an entry: how many claims until each is on its other side. */
  async othersArrive(): Promise<Record<ClaimKind, number>> {
    const before = {
      sync_claim: await this.faults.claims('sync_claim'),
      import_claim: await this.faults.claims('import_claim'),
    };
    const { email, calendar } = this.stage.claire;
    const title = `Chez elle ${this.#hour}`;
    const id = await this.book(this.lumiere, this.#free());
    const { starts_at: start, ends_at: end } = this.#free();
    await this.stage.person.add(this.emulator, email, calendar, { title, start, end });
    const arrived = async (what: string, kind: ClaimKind, there: () => Promise<boolean>) => {
      await until(there, what);
      return await this.faults.claims(kind) - before[kind];
    };
    const [sync_claim, import_claim] = await Promise.all([
      arrived(
        'the other practice’s appointment',
        'sync_claim',
        async () => (await this.linkOf(id))?.sync_status === 'synced',
      ),
      arrived(
        'the other practice’s entry',
        'import_claim',
        async () => (await this.sql`select 1 from public.external_events where summary = ${title}`).length === 1,
      ),
    ]);
    expect((await this.live(calendar)).filter(({ start: at }) => at === start).length).toBe(1);
    return { sync_claim, import_claim };
  }

  async told(): Promise<Told> {
    const { status, pending, failed, lastError } = await this.statusOf(this.marc);
    const { body } = await this.marc.use('import/status');
    return {
      status,
      pending,
      failed,
      lastError: lastError?.code ?? null,
      importing: body.running !== null,
      importError: body.last?.error ?? null,
      entriesFailed: body.last?.summary.failed ?? 0,
      push: body.push,
    };
  }

  /** `seen`, or all that the poisoned person reads instead. */
  async shown(expected: (told: Told, world: BlastWorld) => boolean | Promise<boolean>): Promise<'seen' | Told> {
    const told = await this.told();
    return await expected(told, this) ? 'seen' : told;
  }

  /** Time passes until both practices are in step, however often the minute's sweep has to come. */
  async inStepAgain(): Promise<void> {
    await this.sql`insert into private.app_config (key, value) values ('clock_offset', '3 minutes')
      on conflict (key) do update set value = ((app_config.value)::interval + interval '3 minutes')::text`;
    await this.#recover();
    for (const { created } of await this.creates()) expect(created, 'made twice').toBeLessThanOrEqual(1);
  }

  async #recover(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let swept = 0;
    while (true) {
      const wrong = await this.#outOfStep();
      if (wrong.length === 0) return;
      if (Date.now() > deadline) throw new Error(`Still out of step:\n${wrong.join('\n')}`);
      if (Date.now() - swept > 1500) {
        swept = Date.now();
        await this.sql`update private.sync_lanes set paused_until = null where true`;
        await this
          .sql`update private.sync_outbox set next_attempt_at = now() where parked_at is null and next_attempt_at > private.clock()`;
        await this
          .sql`update private.calendar_cursors set next_poll_at = private.clock() where failures > 0 or sync_token is null`;
        await this.stack.runCron('cassius-sweep');
        await this.stack.runCron('cassius-import-sweep');
      }
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  /** Every appointment has one living event, every entry is known, and nothing waits: what is not so. */
  async #outOfStep(): Promise<string[]> {
    const [busy] = await this.sql`select
      (select count(*)::integer from private.sync_outbox) as outbox,
      (select count(*)::integer from private.sync_lanes where lease_until > private.clock()) as lanes,
      (select count(*)::integer from private.calendar_cursors c join public.calendar_integrations i on i.id = c.integration_id
        where private.follows(i, c.calendar_id) is not null and (c.lease_owner is not null or exists (select from private.import_runs r where r.integration_id = c.integration_id)
          or c.failures > 0 or c.last_error is not null or c.sync_token is null)) as cursors,
      (select count(*)::integer from private.calendar_notices n
        join private.calendar_cursors c on c.integration_id = n.integration_id and c.calendar_id = n.calendar_id) as notices,
      (select count(*)::integer from public.calendar_integrations where status <> 'connected' or last_error is not null) as ill`;
    const wrong = Object.entries(busy!).filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${count}`);
    if (wrong.length > 0) return wrong;
    const events = await this.events();
    for (const [, , practice] of this.#people()) wrong.push(...await this.#differences(practice, events));
    return wrong;
  }

  async #differences(
    { organisationId }: Practice,
    everywhere: Awaited<ReturnType<BlastWorld['events']>>,
  ): Promise<string[]> {
    const { sql } = this;
    const [i] = await sql`select * from public.calendar_integrations
      where organisation_id = ${organisationId} and provider = ${this.stage.name}`;
    const rdvs = await sql`select r.id, r.starts_at, l.external_event_id as event, l.external_calendar_id as calendar
      from public.rdv r left join public.appointment_external_links l on l.rdv_id = r.id and l.integration_id = ${i!.id}
      where r.organisation_id = ${organisationId} and r.status <> 'cancelled' and r.source = 'cassius'`;
    const known = await sql`select external_event_id as event, start_at from public.external_events
      where organisation_id = ${organisationId} and provider = ${this.stage.name} and status <> 'cancelled'`;
    const live = new Map(
      everywhere.filter((event) => event.live).map((event) => [`${event.calendarId} ${event.id}`, event]),
    );
    const wrong: string[] = [];
    const explained = new Set<string>();
    const hold = (place: string, at: Date, what: string) => {
      const event = live.get(place);
      if (explained.has(place)) wrong.push(`${what} shares its event`);
      explained.add(place);
      if (!event) wrong.push(`${what} has no event`);
      else if (Date.parse(event.start) !== at.getTime()) wrong.push(`${what} is at another time`);
    };
    for (const { id, starts_at, event, calendar } of rdvs) hold(`${calendar} ${event}`, starts_at, `appointment ${id}`);
    for (const { event, start_at } of known) hold(`${i!.calendar_source_id} ${event}`, start_at, `entry ${event}`);
    for (const [place, { calendarId }] of live) {
      const ours = calendarId === i!.calendar_source_id;
      if (ours && !explained.has(place)) wrong.push(`event ${place} is not known`);
    }
    return wrong;
  }
}
