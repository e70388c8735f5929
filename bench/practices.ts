/** Practices of the bench's own, connected through the public contract, and their appointments. */
import type postgres from 'postgres';
import { comeBack, google, microsoft, Person } from '../tests/functions/person.ts';
import { type BenchContext, until } from './measure.ts';
import type { Account } from './provider_stage.ts';

export interface Practice {
  readonly organisationId: string;
  readonly memberId: string;
  readonly patientId: string;
  readonly integrationId: string;
  /** The connected account: its calendar is the target. */
  readonly account: Account;
}

/** A clean table: no connection, nothing dirty, the bench's appointments gone, the providers as on their first day. */
export async function startOver({ stack, sql }: BenchContext): Promise<void> {
  // A worker holds a lane or a calendar, and then its connection: nothing is at work while that is deleted.
  await stack.stopFunctions();
  await callsAreOver(sql);
  await sql`delete from public.calendar_integrations`;
  await sql`delete from private.grant_revocations`;
  await sql`delete from private.left_events`;
  await sql`truncate private.sync_outbox, private.account_budgets, private.project_budgets, private.practice_shares,
    private.worker_places`;
  await sql`delete from private.app_config where key = 'clock_offset' or key like '%units\\_per\\_minute.%'`;
  await removeAppointments(sql);
  await sql`delete from public.organisations where name like 'Bench %'`;
  // The rows of a bench before would lie dead in what this one reads.
  await sql`vacuum analyze public.rdv, public.appointment_external_links, private.link_states, public.external_events`;
  await google(stack, 'reset', {});
  await microsoft(stack, 'reset', {});
  await stack.startFunctions();
}

/** What functions had asked of the database when they were stopped goes on there for a moment. */
export async function callsAreOver(sql: postgres.Sql): Promise<void> {
  await until('the calls of the functions to be over', async () => {
    const calls =
      await sql`select from pg_stat_activity where application_name = 'local rpc' and state <> 'idle' limit 1`;
    return calls.length === 0;
  });
}

/** Without the sync's triggers, so that removing them costs nothing afterwards. */
export async function removeAppointments(sql: postgres.Sql): Promise<void> {
  await withoutTriggers(sql, (transaction) =>
    transaction`
    delete from public.rdv r using public.organisations o where o.id = r.organisation_id and o.name like 'Bench %'`);
}

/** Neither triggers nor foreign keys, for what surrounds a measurement. */
export async function withoutTriggers(
  sql: postgres.Sql,
  work: (transaction: postgres.TransactionSql) => PromiseLike<unknown>,
): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    await work(transaction);
  });
}

/** Neither the emulator's quotas nor our own budget slow anything down. */
export async function liftQuotas({ stack, stage, sql }: BenchContext): Promise<void> {
  await stage.steer(stack, 'settings', stage.withoutQuotas);
  await sql`insert into private.app_config (key, value) values (${`units_per_minute.${stage.provider}`}, '0'),
      (${`project_units_per_minute.${stage.provider}`}, '0')
    on conflict (key) do update set value = excluded.value`;
}

/** Nothing is read back: what an import of our own events costs is not what an export does. */
export async function exportOnly(sql: postgres.Sql): Promise<void> {
  await sql`update private.calendar_cursors set next_poll_at = now() + interval '1 day' where true`;
  await sql`delete from private.watch_channels where true`;
}

/** Opens practices and connects each to one of the accounts, in turn. */
export async function openPractices(context: BenchContext, count: number, most = 2): Promise<Practice[]> {
  const { stack, stage, sql } = context;
  const accounts = stage.accounts.slice(0, most);
  const people = await Promise.all(
    accounts.map(async ({ login }) => (await Person.signIn(stack, login)).at(stage.provider)),
  );
  const practices: Practice[] = [];
  for (let index = 0; index < count; index++) {
    const turn = index % accounts.length;
    practices.push(await openPractice(sql, people[turn]!, accounts[turn]!, `Bench ${index + 1}`));
  }
  return practices;
}

async function openPractice(sql: postgres.Sql, person: Person, account: Account, name: string): Promise<Practice> {
  const [organisation] = await sql`insert into public.organisations (name) values (${name}) returning id`;
  const organisationId: string = organisation!.id;
  const [member] = await sql`
    insert into public.organisation_members (organisation_id, user_id, role, display_name)
    values (${organisationId}, ${person.userId}, 'admin', 'Dr Camille Bernard') returning id`;
  const [patient] = await sql`
    insert into public.patients (organisation_id, first_name, last_name)
    values (${organisationId}, 'Amélie', 'Rousseau') returning id`;

  const begun = await person.call(`${person.provider}-connect/connect`, {
    body: {},
    headers: { 'x-organisation-id': organisationId },
  });
  if (begun.status !== 200) throw new Error(`Connect ${name}: ${begun.body.error}`);
  const consent = new URL(begun.body.url);
  consent.searchParams.set('__approve', account.email);
  const page = await fetch(consent, { redirect: 'manual' });
  await page.body?.cancel();
  const { result } = await comeBack(new URL(page.headers.get('location')!));
  if (result['result'] !== 'connected') throw new Error(`Connect ${name}: ${result['code']}`);
  await person.start({ 'x-organisation-id': organisationId });
  const [integration] = await sql`
    select id from public.calendar_integrations where organisation_id = ${organisationId} and export_enabled`;
  if (!integration) throw new Error(`Connect ${name}: export is not switched on`);
  return { organisationId, memberId: member!.id, patientId: patient!.id, integrationId: integration.id, account };
}

/** One statement, whatever the count. From tomorrow on, half an hour each. */
export async function book(sql: postgres.Sql, practice: Practice, count: number): Promise<string[]> {
  const booked = await sql`
    insert into public.rdv (organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at)
    select ${practice.organisationId}::uuid, ${practice.memberId}::uuid, ${practice.patientId}::uuid, 'Contrôle',
      'Examen bucco-dentaire', 'Appeler la veille', 'Fauteuil 1',
      date_trunc('day', now()) + interval '1 day' + n * interval '30 minutes',
      date_trunc('day', now()) + interval '1 day' + (n + 1) * interval '30 minutes'
    from generate_series(1, ${count}::integer) n
    returning id`;
  return booked.map((row) => row['id']);
}

/** Appointments that still wait for the worker; parked ones do not. */
export async function waiting(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select count(*)::integer as count from private.sync_outbox where parked_at is null`;
  return row!.count;
}
