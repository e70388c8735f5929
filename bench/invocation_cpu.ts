/**
 * (c2) CPU of one invocation that does as much as its budget allows: of the 2 s that an isolate has over its whole life. The
 * function has started before, and its start is a figure of its own.
 */
import { Person } from '../tests/functions/person.ts';
import { fill, firstImport, rpcCounter } from './import_cost.ts';
import { HEAVY, HEAVY_EVENTS } from './heavy_page.ts';
import { atMost, type Bench, type BenchContext, type Claim, type Figure, until } from './measure.ts';
import { book, liftQuotas, openPractices, startOver, waiting } from './practices.ts';
import { mainThreadCpuMs } from './process_figures.ts';

/** Just what one invocation of the sync takes (`routes/sync.ts`). */
const JOBS = 1_200;
/** A little less than an invocation reads before it suspends (`sync/shared/work_budget.ts`). */
const EVENTS = 10_000;
const LIMIT_MS = 1_000;

export const invocationCpu: Bench = {
  name: 'invocation_cpu',
  title: 'CPU of an invocation at its budget',
  perProvider: true,
  async run(context) {
    const started = await startUp(context);
    const exported = await exportOnce(context);
    const imported = await importOnce(context, EVENTS, {});
    const heavy = await importOnce(context, HEAVY_EVENTS, HEAVY);
    const rows: ReadonlyArray<readonly [string, number]> = [
      [`export of ${JOBS} appointments`, exported],
      [`import of ${EVENTS} events`, imported],
      [`import of ${HEAVY_EVENTS} heavy events, an invocation`, heavy],
    ];
    return {
      figures: [['starting a function', started] as const, ...rows].map(([what, value]): Figure => (
        { what, value, unit: 'ms of CPU' }
      )),
      claims: rows.filter(([, value]) => !Number.isNaN(value)).map(([what, value]): Claim => (
        atMost(`${what}, ms of CPU`, value, LIMIT_MS)
      )),
    };
  },
};

async function startUp({ stack, stage }: BenchContext): Promise<number> {
  await stack.stopFunctions();
  await stack.startFunctions();
  return mainThreadCpuMs(stack.functionPids()[`${stage.provider}-sync`]) ?? NaN;
}

async function exportOnce(context: BenchContext): Promise<number> {
  const { stack, stage, sql } = context;
  await startOver(context);
  await liftQuotas(context);
  const [practice] = await openPractices(context, 1);
  await until('the wake-ups to be over', async () => (await sql`select from net.http_request_queue`).length === 0);
  await book(sql, practice!, 1);
  await until('the first appointment', async () => await waiting(sql) === 0);
  const pid = stack.functionPids()[`${stage.provider}-sync`];
  const before = mainThreadCpuMs(pid) ?? NaN;
  context.say(`  exporting ${JOBS} appointments in one invocation`);
  await book(sql, practice!, JOBS);
  await until('the appointments', async () => await waiting(sql) === 0, { everyMs: 50 });
  return (mainThreadCpuMs(pid) ?? NaN) - before;
}

/** The mean of the invocations that it took. */
async function importOnce(context: BenchContext, count: number, more: Parameters<typeof fill>[2]): Promise<number> {
  const { stack, stage, sql } = context;
  await startOver(context);
  await stage.steer(stack, 'settings', stage.withoutQuotas);
  const [practice] = await openPractices(context, 1);
  const person = (await Person.signIn(stack, practice!.account.login)).at(stage.provider);
  const calendar = await stage.openCalendar(stack, practice!.account);
  context.say(`  filling the calendar with ${count} events`);
  await fill(calendar, count, more);
  const pid = stack.functionPids()[`${stage.provider}-import`];
  const before = mainThreadCpuMs(pid) ?? NaN;
  const lines = () => stack.functionLogs().split('"step":"import_calendar"').length;
  const readings = lines();
  await firstImport(context, person, practice!, await rpcCounter(context));
  await sql`select 1`;
  return ((mainThreadCpuMs(pid) ?? NaN) - before) / Math.max(1, lines() - readings);
}
