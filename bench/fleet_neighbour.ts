/**
 * (l) One practice with many connections and appointments beside many small ones: how long after its commit a small one's
 * appointment is an event, while the big one rests and while all that it has goes out.
 */
import { FLEET, fleetPractices, removeFleet, seedFleet } from './connected_fleet.ts';
import { NEIGHBOUR } from './fleet_figures.ts';
import { atMost, type Bench, type BenchContext, quantile, sum, until } from './measure.ts';
import { book, exportOnly, openPractices, type Practice, startOver, waiting, withoutTriggers } from './practices.ts';
import { promptConnection } from './prompt_connection.ts';

/** Of the big practice, for each small one. */
const CONNECTIONS = 0.5;
const APPOINTMENTS = 200;
/** Between two bookings of small practices. */
const PACE_MS = 400;
const WARM_UP = 5;

export const fleetNeighbour: Bench = {
  name: 'fleet_neighbour',
  title: 'One big practice beside many small ones: commit to confirmed event of the small ones',
  perProvider: false,
  async run(context) {
    const { stack, stage, sql } = context;
    const small = Math.min(1_000, context.calendars ?? (context.quick ? 50 : 1_000));
    const connections = Math.ceil(small * CONNECTIONS);
    const bookings = context.quick ? 30 : 200;
    await startOver(context);
    try {
      await stage.steer(stack, 'settings', stage.withoutQuotas);
      const [model] = await openPractices(context, 1);
      await stack.stopFunctions();
      await seedFleet(context, { from: 1, to: small + 1 }, { like: model!, calendars: 'shared' });
      await exportOnly(sql);
      const [big] = await fleetPractices(context, { from: small + 1, to: small + 1 }, model!.account);
      context.say(`  a practice with ${connections} connections, ${small * APPOINTMENTS} appointments`);
      await grow(context, big!, connections, small * APPOINTMENTS);
      const practices = await fleetPractices(context, { from: 1, to: small }, model!.account);
      await stack.startFunctions();
      await stage.steer(stack, 'settings', stage.projectQuota.settings);
      context.say(`  ${bookings} bookings of small ones, by themselves`);
      const alone = await confirmations(context, practices, bookings);
      const before = await spent(context);
      await switchOn(context, big!);
      context.say('  and while the big one’s go out');
      const beside = await confirmations(context, practices, bookings);
      const left = await waiting(sql);
      const after = await spent(context);
      const bytes = await bytesEach(context);
      return {
        figures: [
          { what: 'small practices', value: small, unit: '' },
          { what: 'by themselves: p50', value: quantile(alone, 0.5), unit: 'ms' },
          { what: 'by themselves: p95', value: quantile(alone, 0.95), unit: 'ms' },
          { what: 'beside the big one: p50', value: quantile(beside, 0.5), unit: 'ms' },
          { what: 'beside the big one: p95', value: quantile(beside, 0.95), unit: 'ms' },
          { what: 'appointments of the big one that still wait at the end', value: left, unit: '' },
          { what: 'beside the big one: quota units', value: after.units - before.units, unit: '' },
          { what: 'beside the big one: calls refused', value: after.refused - before.refused, unit: '' },
          { what: NEIGHBOUR.bytes, value: bytes, unit: 'bytes' },
        ],
        claims: [
          atMost(
            'small practices’ p95, beside the big one / by themselves',
            quantile(beside, 0.95) / quantile(alone, 0.95),
            2,
          ),
        ],
      };
    } finally {
      await stack.stopFunctions();
      await removeFleet(context);
      await sql`vacuum`;
      await stack.startFunctions();
    }
  },
};

/** One connection a person, of whom each has a share of the appointments; nothing has been exported yet. */
async function grow(
  context: BenchContext,
  { organisationId, integrationId, patientId }: Practice,
  connections: number,
  appointments: number,
): Promise<void> {
  const { sql, stage } = context;
  await sql`set synchronous_commit = off`;
  await withoutTriggers(sql, async (transaction) => {
    await transaction`
      create temporary table seeded on commit drop as
      select n, gen_random_uuid() as integration, gen_random_uuid() as person, gen_random_uuid() as member
      from generate_series(1, ${connections}::integer) n`;
    await transaction`
      insert into public.organisation_members (id, organisation_id, user_id, role, display_name, color)
      select member, ${organisationId}::uuid, person, 'practitioner', 'Dr ' || n, 1 from seeded`;
    await transaction`
      insert into public.calendar_integrations (id, organisation_id, user_id, provider, account_id, export_enabled,
        export_from, calendar_target_id, event_detail, two_way)
      select s.integration, i.organisation_id, s.person, i.provider, ${`${FLEET}big-`} || s.n, true, i.export_from,
        i.calendar_target_id, 'full', 'off'
      from seeded s, public.calendar_integrations i where i.id = ${integrationId}`;
    await transaction`
      insert into private.sync_lanes (integration_id, organisation_id, provider, reachable)
      select integration, ${organisationId}::uuid, ${stage.provider}, true from seeded`;
    await transaction`
      insert into private.credentials (integration_id, organisation_id, access_sealed, access_expires_at,
        refresh_sealed, scopes)
      select s.integration, ${organisationId}::uuid,
        private.seal_token(g.token ->> 'accessToken', ${organisationId}::uuid, s.integration, 'access'),
        now() + interval '55 minutes',
        private.seal_token(g.token ->> 'refreshToken', ${organisationId}::uuid, s.integration, 'refresh'), m.scopes
      from seeded s, (select private.open_credential(${integrationId}) as token) g, private.credentials m
      where m.integration_id = ${integrationId}`;
    await transaction`
      insert into public.rdv (organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at,
        ends_at)
      select ${organisationId}::uuid, s.member, ${patientId}::uuid, 'Contrôle', 'Examen bucco-dentaire',
        'Appeler la veille', 'Fauteuil 1', t.first + g.turn * interval '30 minutes',
        t.first + (g.turn + 1) * interval '30 minutes'
      from (
        select x / ${connections}::integer as turn, 1 + x % ${connections}::integer as person
        from generate_series(0, ${appointments - 1}::integer) x
      ) g
      join seeded s on s.n = g.person, (select date_trunc('day', now()) + interval '1 day' as first) t`;
  });
  await sql`set synchronous_commit = on`;
  await sql`vacuum analyze public.rdv, public.calendar_integrations, public.organisation_members, private.sync_lanes,
    private.credentials`;
  await sql`checkpoint`;
}

/** As when each of its people had just switched the export on. */
async function switchOn({ sql, stage }: BenchContext, { organisationId }: Practice): Promise<void> {
  await sql`select private.mark_integration(i.id, true) from public.calendar_integrations i
    where i.organisation_id = ${organisationId}`;
  await sql`select private.nudge(${stage.provider})`;
}

/** A small practice books, then another: each in its turn, whatever became of the one before. */
async function confirmations(
  { stack }: BenchContext,
  practices: readonly Practice[],
  count: number,
): Promise<number[]> {
  const sql = promptConnection(stack.adminDbUrl);
  const waits: number[] = [];
  const open = new Map<string, number>();
  const look = async () => {
    const ids = [...open.keys()];
    if (ids.length === 0) return;
    const found = await sql`select rdv_id from public.appointment_external_links
      where rdv_id = any (${ids}) and sync_status = 'synced'`;
    for (const { rdv_id } of found) {
      waits.push(performance.now() - open.get(rdv_id)!);
      open.delete(rdv_id);
    }
  };
  try {
    for (let turn = -WARM_UP; turn < count; turn++) {
      const next = performance.now() + PACE_MS;
      const [id] = await book(sql, practices[(turn + WARM_UP) % practices.length]!, 1);
      if (turn >= 0) open.set(id!, performance.now());
      while (performance.now() < next) {
        await look();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    await until('the last events', async () => {
      await look();
      return open.size === 0;
    }, { everyMs: 10, limitMs: 1_800_000 });
  } finally {
    await sql.end();
  }
  return waits;
}

async function spent({ stack, stage }: BenchContext): Promise<{ units: number; refused: number }> {
  const accounts = await stage.readSpending(stack);
  return { units: sum(accounts.map(({ units }) => units)), refused: sum(accounts.map(({ refused }) => refused)) };
}

/** What an exported appointment takes on the disk, its indexes included. */
async function bytesEach({ sql }: BenchContext): Promise<number> {
  const [row] = await sql`
    select (pg_total_relation_size('public.appointment_external_links')
      + pg_total_relation_size('private.link_states')) / nullif(count(*), 0) as links,
      (select pg_total_relation_size('public.rdv') / nullif(count(*), 0) from public.rdv) as appointment
    from public.appointment_external_links`;
  return Number(row!['links']) + Number(row!['appointment']);
}
