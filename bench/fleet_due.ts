/** (i) What a claim, a notice, a sweep, a poll and a look at the health cost, however many practices are connected. */
import { FLEET, removeFleet, seedFleet } from './connected_fleet.ts';
import { atMost, type Bench, type BenchContext, type BenchReport, type Claim, median, timed } from './measure.ts';
import { book, liftQuotas, openPractices, type Practice, startOver, withoutTriggers } from './practices.ts';
import { claimCalendar, endReading, followAndWatch, overdue, type Reading, SECRET } from './readings.ts';

const ROUNDS = 40;
const WARM_UP = 10;
const DEAD = 10_000;

const ROWS = {
  claim: 'claiming the one lane that is due',
  idleClaim: 'a claim where nothing is due',
  notice: 'a notice',
  importClaim: 'claiming the one calendar that was told',
  poll: 'a poll that finds nothing: claim, page and end',
  sweep: 'the sweep of a minute',
  importSweep: 'the sweep of imports',
  health: 'health',
} as const;
type Row = keyof typeof ROWS;
const ROW_NAMES = Object.keys(ROWS) as Row[];
type Costs = Readonly<Record<Row, number>>;

export const fleetDue: Bench = {
  name: 'fleet_due',
  title: 'What is due, among many connected practices of which one is at work',
  perProvider: false,
  async run(context) {
    const largest = context.calendars ?? (context.quick ? 10_000 : 100_000);
    const sizes = [0.01, 0.1, 1].map((share) => Math.ceil(share * largest));
    await startOver(context);
    await liftQuotas(context);
    const [practice] = await openPractices(context, 1);
    await context.stack.stopFunctions();
    try {
      await followAndWatch(context, practice!);
      const costs = new Map<number, Costs>();
      let seeded = 0;
      for (const size of sizes) {
        context.say(`  ${size} connected calendars`);
        await seedFleet(context, { from: seeded + 1, to: size }, null);
        seeded = size;
        costs.set(size, await measure(context, practice!));
      }
      context.say(`  ${DEAD} of them wait for a reconnection`);
      const alive = await claims(context, practice!);
      await dieOff(context, Math.min(DEAD, seeded));
      const besideDead = await claims(context, practice!);
      return report(costs, { alive, besideDead });
    } finally {
      await removeFleet(context);
      await context.stack.startFunctions();
    }
  },
};

function report(costs: ReadonlyMap<number, Costs>, dead: { alive: number; besideDead: number }): BenchReport {
  const [smallest, ...larger] = [...costs];
  const largest = larger.at(-1)!;
  const ratios = (row: Row): Claim[] =>
    larger.map(([size, cost]) =>
      atMost(`${ROWS[row]}, ${size} / ${smallest![0]} calendars`, cost[row] / smallest![1][row], 1.5)
    );
  return {
    figures: [...costs].flatMap(([size, cost]) =>
      ROW_NAMES.map((row) => ({ what: `${size} calendars: ${ROWS[row]}, median`, value: cost[row], unit: 'ms' }))
    ),
    claims: [
      ...ROW_NAMES.flatMap(ratios),
      atMost(`${ROWS.claim}, among ${largest[0]}, in ms`, largest[1].claim, 10),
      atMost(`the same, beside ${DEAD} that wait for a reconnection / beside none`, dead.besideDead / dead.alive, 1.1),
    ],
  };
}

/** Their grants died, and each has an appointment that waits; the claims before have heeded all that was told of them. */
async function dieOff({ sql, stage }: BenchContext, count: number): Promise<void> {
  await sql`set synchronous_commit = off`;
  await sql`update public.calendar_integrations i set status = 'reconnect_required'
    where i.id in (select f.id from public.calendar_integrations f where f.account_id like ${`${FLEET}%`} limit ${count})`;
  await sql`insert into private.sync_outbox (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since)
    select i.id, gen_random_uuid(), i.organisation_id, now(), now() from public.calendar_integrations i
    where i.status = 'reconnect_required'`;
  await sql`set synchronous_commit = on`;
  for (let claim = 0; claim < count / 500 + 1; claim++) {
    await sql`select public.sync_claim(${crypto.randomUUID()}, ${stage.provider}, null, 8, 200, 60, null)`;
  }
  await sql`vacuum analyze public.calendar_integrations, private.sync_lanes, private.calendar_cursors, private.sync_outbox,
    private.lane_notices`;
}

async function measure(context: BenchContext, practice: Practice): Promise<Costs> {
  const { sql } = context;
  const found: Record<Row, number[]> = {
    claim: [],
    idleClaim: [],
    notice: [],
    importClaim: [],
    poll: [],
    sweep: [],
    importSweep: [],
    health: [],
  };
  const note = async (row: Row, work: () => PromiseLike<unknown>, counts: boolean) => {
    const ms = await timed(work);
    if (counts) found[row].push(ms);
  };
  await settle(context, practice);
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const counts = round >= 0;
    await note('idleClaim', () => claimNothing(context), counts);
    const claim = await pushOne(context, practice);
    if (counts) found.claim.push(claim);
    await note('notice', () => tell(context), counts);
    let reading: Reading | null = null;
    await note('importClaim', async () => reading = await claimCalendar(context, practice, 'push'), counts);
    await endReading(context, reading!);
    await overdue(context, practice);
    await note('poll', async () => {
      await endReading(context, await claimCalendar(context, practice, 'schedule'));
    }, counts);
    await note('sweep', () => sql`select private.sweep()`, counts);
    await note('importSweep', () => sql`select private.import_sweep()`, counts);
    await note('health', () => sql`select public.sync_health()`, counts);
  }
  return Object.fromEntries(ROW_NAMES.map((row) => [row, median(found[row])])) as Record<Row, number>;
}

async function claims(context: BenchContext, practice: Practice): Promise<number> {
  const found: number[] = [];
  for (let round = -WARM_UP; round < 2 * ROUNDS; round++) {
    const claim = await pushOne(context, practice);
    if (round >= 0) found.push(claim);
  }
  return median(found);
}

/** Nothing is left of what connecting and the size before marked. */
async function settle(context: BenchContext, practice: Practice): Promise<void> {
  const { sql } = context;
  await sql`delete from private.sync_outbox where integration_id = ${practice.integrationId}`;
  await overdue(context, practice);
  await endReading(context, await claimCalendar(context, practice, null));
  await sql`select private.sweep(), private.import_sweep()`;
  await claimNothing(context);
}

async function claimNothing({ sql, stage }: BenchContext): Promise<void> {
  const [row] = await sql`select public.sync_claim(${crypto.randomUUID()}, ${stage.provider}, null, 8, 200, 60, null)
    as claimed`;
  if (row!.claimed.lanes.length > 0) throw new Error('Claim nothing: there was something');
}

/** Books, claims, and says that it is done; gives what the claim took. */
export async function pushOne({ sql, stage }: BenchContext, practice: Practice): Promise<number> {
  const worker = crypto.randomUUID();
  const [rdv] = await book(sql, practice, 1);
  let claimed: { lanes: Array<{ integrationId: string; jobs: Array<{ rdvId: string; version: number }> }> };
  const ms = await timed(async () => {
    const [row] = await sql`select public.sync_claim(${worker}, ${stage.provider}, null, 8, 200, 60, null) as claimed`;
    claimed = row!.claimed;
  });
  const [lane] = claimed!.lanes;
  if (claimed!.lanes.length !== 1 || lane!.jobs.length !== 1) {
    throw new Error('Claim the one lane: it is not what came');
  }
  const results = [{ rdvId: rdv, version: lane!.jobs[0]!.version, outcome: 'done', action: 'skipped', reason: 'past' }];
  const report = { runId: crypto.randomUUID(), trigger: 'change', usedUnits: 0, release: true, worked: true };
  await sql`select public.sync_complete(${worker}, ${practice.integrationId}, ${sql.json(results)}, ${
    sql.json(report)
  })`;
  await withoutTriggers(sql, (transaction) => transaction`delete from public.rdv where id = ${rdv!}`);
  return ms;
}

async function tell({ sql, stage }: BenchContext): Promise<void> {
  const notices = [{ secretHash: SECRET, channelId: null, resourceId: 'r', meaning: 'changed' }];
  const [row] = await sql`select public.import_notified(${stage.provider}, ${sql.json(notices)}) as answer`;
  if (row!.answer.dirty !== 1) throw new Error('Tell of one calendar: it was no news');
}
