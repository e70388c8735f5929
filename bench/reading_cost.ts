/** (n) What a reading costs, however many appointments its calendar shows. */
import { AGREED, fillInStep } from './appointments_in_step.ts';
import { atMost, type Bench, type BenchContext, type BenchReport, median, timed } from './measure.ts';
import { liftQuotas, openPractices, type Practice, startOver } from './practices.ts';
import { claimCalendar, endReading, followAndWatch, overdue } from './readings.ts';
import { stagedMeeting } from './staged_meeting.ts';

const ROUNDS = 40;
const WARM_UP = 10;

const ROWS = {
  poll: 'a poll that finds nothing',
  echo: 'the echo of one of them',
  change: 'an event of others that changed',
} as const;
type Kind = keyof typeof ROWS;
const KINDS = Object.keys(ROWS) as Kind[];
type Cost = { readonly shown: number } & Readonly<Record<Kind, number>>;

export const readingCost: Bench = {
  name: 'reading_cost',
  title: 'Reading a calendar in which many appointments are shown',
  perProvider: false,
  async run(context) {
    const sizes = context.quick ? [10, 1_000] : [10, 500, 10_000];
    await startOver(context);
    await liftQuotas(context);
    const [practice] = await openPractices(context, 1);
    await context.stack.stopFunctions();
    try {
      await followAndWatch(context, practice!);
      // The first reading is of everything.
      await overdue(context, practice!);
      await endReading(context, await claimCalendar(context, practice!, null));
      const costs: Cost[] = [];
      let filled = 0;
      for (const shown of sizes) {
        context.say(`  ${shown} appointments in the calendar`);
        await fillInStep(context, practice!, filled, shown);
        filled = shown;
        costs.push({ shown, ...await measure(context, practice!) });
      }
      return report(costs);
    } finally {
      await context.stack.startFunctions();
    }
  },
};

function report(costs: readonly Cost[]): BenchReport {
  const [smallest, ...larger] = costs;
  return {
    figures: costs.flatMap(({ shown, ...cost }) =>
      KINDS.map((kind) => ({ what: `${shown} appointments: ${ROWS[kind]}, median`, value: cost[kind], unit: 'ms' }))
    ),
    claims: larger.flatMap(({ shown, ...cost }) =>
      KINDS.map((kind) =>
        atMost(`${ROWS[kind]}, ${shown} / ${smallest!.shown} appointments`, cost[kind] / smallest![kind], 1.5)
      )
    ),
  };
}

async function measure(context: BenchContext, practice: Practice) {
  const { sql } = context;
  const found: Record<Kind, number[]> = { poll: [], echo: [], change: [] };
  const [one] = await sql`select external_event_id as id, etag from public.appointment_external_links
    where integration_id = ${practice.integrationId} limit 1`;
  const echo = { ...meeting('"1"'), eventId: one!['id'], etag: one!['etag'], content: AGREED };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const pages = { poll: [], echo: [echo], change: [meeting(`"${crypto.randomUUID()}"`)] };
    for (const kind of KINDS) {
      await overdue(context, practice);
      const ms = await timed(async () =>
        endReading(context, await claimCalendar(context, practice, 'schedule'), pages[kind])
      );
      if (round >= 0) found[kind].push(ms);
    }
  }
  return { poll: median(found.poll), echo: median(found.echo), change: median(found.change) };
}

const meeting = (etag: string) =>
  stagedMeeting({
    eventId: 'meeting',
    etag,
    title: 'Réunion',
    startsAt: Math.floor(Date.now() / 3_600_000) * 3_600_000 + 86_400_000,
    minutes: 30,
    availability: 'free',
  });
