/** (d) What claiming and completing fifty jobs costs, however many appointments there are. */
import { atMost, type Bench, type BenchContext, type BenchReport, median, timed } from './measure.ts';
import { AGREED, fillInStep } from './appointments_in_step.ts';
import { liftQuotas, openPractices, type Practice, startOver } from './practices.ts';

const JOBS = 50;
const ROUNDS = 40;
const WARM_UP = 30;
/** Which appointments change: those of these weeks, the same at every size, or any, however old. */
const PICKS = { current: () => 500, any: (rows: number) => rows } as const;
type Pick = keyof typeof PICKS;

interface Cost {
  readonly rows: number;
  readonly pick: Pick;
  readonly claim: number;
  readonly complete: number;
}

export const claimCost: Bench = {
  name: 'claim_cost',
  title: `Claiming and completing ${JOBS} jobs among many synced appointments of one practice`,
  perProvider: false,
  async run(context) {
    const sizes = context.quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000];
    await startOver(context);
    await liftQuotas(context);
    const [practice] = await openPractices(context, 1);
    await context.stack.stopFunctions();
    try {
      const costs: Cost[] = [];
      let filled = 0;
      for (const rows of sizes) {
        context.say(`  ${rows} appointments`);
        await fillInStep(context, practice!, filled, rows);
        filled = rows;
        for (const pick of ['current', 'any'] as const) {
          costs.push({ rows, pick, ...await measure(context, practice!, PICKS[pick](rows)) });
        }
      }
      return report(costs);
    } finally {
      await context.stack.startFunctions();
    }
  },
};

function report(costs: readonly Cost[]): BenchReport {
  return {
    figures: costs.flatMap(({ rows, pick, claim, complete }) => [
      { what: `${rows} rows, ${pick} appointments: claim, median`, value: claim, unit: 'ms' },
      { what: `${rows} rows, ${pick} appointments: complete, median`, value: complete, unit: 'ms' },
    ]),
    claims: (['current', 'any'] as const).flatMap((pick) => {
      const [smallest, ...larger] = costs.filter((cost) => cost.pick === pick);
      return larger.flatMap(({ rows, claim, complete }) => [
        atMost(`${pick} appointments: claim, ${rows} / ${smallest!.rows} rows`, claim / smallest!.claim, 1.5),
        atMost(`${pick} appointments: complete, ${rows} / ${smallest!.rows} rows`, complete / smallest!.complete, 1.5),
      ]);
    }),
  };
}

async function measure({ stage, sql }: BenchContext, practice: Practice, among: number) {
  const claims: number[] = [];
  const completions: number[] = [];
  const { integrationId } = practice;
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const rdvs = Array.from({ length: JOBS }, () => 1 + Math.floor(Math.random() * among));
    await sql`
      select private.enqueue(array_fill(${integrationId}::uuid, array[cardinality(p.ids)]), p.ids,
        ${practice.organisationId}::uuid, 'change', null)
      from (select array_agg(md5('bench ' || n)::uuid) as ids from unnest(${rdvs}::integer[]) n) p`;
    const worker = crypto.randomUUID();
    let jobs: ReadonlyArray<{ rdvId: string; version: number }> = [];
    const claim = await timed(async () => {
      const [row] =
        await sql`select public.sync_claim(${worker}, ${stage.provider}, null, 8, 200, 60, null) as claimed`;
      jobs = row!.claimed.lanes[0]?.jobs ?? [];
    });
    const due = new Set(rdvs).size;
    if (jobs.length !== due) throw new Error(`Claim the jobs: ${jobs.length} came instead of ${due}`);
    const results = jobs.map((job) => completed(job, practice));
    const lane = {
      runId: crypto.randomUUID(),
      trigger: 'change',
      usedUnits: JOBS,
      release: true,
      pauseSeconds: null,
      pauseCode: null,
      strike: false,
      worked: true,
    };
    let applied = 0;
    const complete = await timed(async () => {
      const [row] = await sql`
        select public.sync_complete(${worker}, ${integrationId}, ${JSON.stringify(results)}::text::jsonb,
          ${JSON.stringify(lane)}::text::jsonb) as answer`;
      applied = row!.answer.applied;
    });
    if (applied !== due) throw new Error(`Complete the jobs: ${applied} were applied instead of ${due}`);
    if (round < 0) continue;
    claims.push(claim);
    completions.push(complete);
  }
  return { claim: median(claims), complete: median(completions) };
}

function completed({ rdvId, version }: { rdvId: string; version: number }, { account }: Practice) {
  return {
    rdvId,
    version,
    outcome: 'done',
    action: 'updated',
    reason: null,
    delaySeconds: null,
    error: null,
    conflict: null,
    link: {
      calendarId: account.calendarId,
      eventId: `cs${rdvId.replaceAll('-', '')}`,
      epoch: 0,
      etag: '"2"',
      state: 'live',
      pushed: AGREED,
      base: AGREED,
    },
  };
}
