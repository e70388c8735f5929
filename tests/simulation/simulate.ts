/** Runs schedules one after another in one database and finds the ones that end badly. */
import fc from 'fast-check';
import { type Schedule, schedule } from './actions.ts';
import { objections, type Rest } from './invariants.ts';
import { type Picture, readCalendars, readPicture } from './picture.ts';
import { simulatedDatabase } from './simulated_database.ts';
import { simulatedGoogle } from './simulated_google.ts';
import { simulatedMicrosoft } from './simulated_microsoft.ts';
import { VirtualClock } from './virtual_clock.ts';
import { World, type WorldParts } from './world.ts';

const MOST_ROUNDS = 14;
/** Longer than any lease and pause, and the poll of a calendar in doubt. */
const ROUND_MINUTES = 17;
/** From the evening to the poll before the practice opens; the longest takes some rounds more ({@link unread}). */
const NIGHT_MINUTES = 15 * 60;

const PROVIDERS = { google: simulatedGoogle, microsoft: simulatedMicrosoft } as const;
export type ProviderName = keyof typeof PROVIDERS;

export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name);
}

export class Violation extends Error {}

export interface Simulation {
  readonly parts: WorldParts;
  /** Throws a {@link Violation}. */
  play(schedule: Schedule): Promise<void>;
  stop(): Promise<void>;
}

export async function startSimulation(name: ProviderName = 'google'): Promise<Simulation> {
  const clock = new VirtualClock();
  const provider = PROVIDERS[name](clock);
  const database = await simulatedDatabase(clock);
  const parts = { clock, provider, database };
  return {
    parts,
    play: (schedule) => play(new World(parts, schedule)),
    async stop() {
      provider.stop();
      await database.stop();
    },
  };
}

async function play(world: World): Promise<void> {
  await world.begin();
  let rest = await settle(world, null);
  for (const action of world.schedule.actions) {
    if (action.kind === 'settle') rest = await settle(world, rest);
    else await world.act(action);
  }
  rest = await settle(world, rest);
  if (world.schedule.seed % 3 > 0) return;
  // Reading everything anew finds nothing new.
  world.expireCursors();
  await settle(world, rest);
}

/** Faults end, time passes and workers come until nothing changes any more; then everything must be as it should. */
async function settle(world: World, before: Rest | null): Promise<Rest> {
  world.calm();
  const [{ since }] = await world.parts.database.sql`select clock_timestamp() as since` as [{ since: Date }];
  let last: Picture | null = null;
  let moving: string[] = [];
  for (let round = 1;; round++) {
    if (round > MOST_ROUNDS) throw violation(world, ['It does not settle', ...moving]);
    world.wait(round === 1 ? NIGHT_MINUTES : ROUND_MINUTES);
    await world.run(round % 2 === 1 ? 'pull' : 'push');
    await world.run(round % 2 === 1 ? 'push' : 'pull');
    const picture = await readPicture(world);
    moving = [...stirring(last, picture), ...await unread(world, since)];
    last = picture;
    if (moving.length > 0) continue;
    const rest = { picture, calendars: await readCalendars(world) };
    const found = objections(world, before, rest);
    if (found.length > 0) throw violation(world, found);
    world.restate();
    return rest;
  }
}

/**
 * Calendars whose poll has not come. A notice that was lost costs up to 15 h 36 min: a poll that would come after hours, which
 * begin 4 h 36 min later at most, comes before they end; and an hour more in the night in which the clocks go back.
 */
async function unread({ parts: { database: { sql } }, claire }: World, since: Date): Promise<string[]> {
  const calendars = await sql`select c.calendar_id from private.calendar_cursors c
    join public.calendar_integrations i on i.id = c.integration_id
    where i.id = ${claire.integration} and private.follows(i, c.calendar_id) is not null
      and i.status = 'connected' and c.checked_at < ${since}`;
  return calendars.map(({ calendar_id }) => `${calendar_id} was not read since`);
}

/** What is not at rest yet, in words. */
function stirring(before: Picture | null, now: Picture): string[] {
  if (before === null) return ['nothing is known'];
  const { waiting, revisits, cursors } = now;
  return [
    ...(Object.keys(now) as Array<keyof Picture>)
      .filter((part) => JSON.stringify(now[part]) !== JSON.stringify(before[part]))
      .map((part) => `${part}: ${JSON.stringify(before[part])}\n  → ${JSON.stringify(now[part])}`),
    ...(waiting > 0 ? [`${waiting} appointments wait`] : []),
    ...(revisits > 0 ? [`${revisits} events are to be read again`] : []),
    ...cursors.filter(({ failures }) => failures > 0).map(({ last_error }) =>
      `a calendar cannot be read: ${last_error}`
    ),
  ];
}

function violation(world: World, found: readonly string[]): Violation {
  return new Violation([...found, ...world.journal.map((line) => `  (${line})`)].join('\n'));
}

export interface SimulationOptions {
  readonly schedules: number;
  readonly seed: number;
  readonly path?: string | undefined;
  /** The first one that ends badly will do, however long it is. */
  readonly anyWillDo?: boolean;
  /** Schedules of a certain kind, for a test that looks for one thing. */
  readonly from?: fc.Arbitrary<Schedule>;
}

/** Throws an error that tells the smallest schedule found that ends badly, and how to play it again. */
export async function simulate(
  simulation: Simulation,
  { schedules, seed, path, from = schedule, anyWillDo = false }: SimulationOptions,
): Promise<void> {
  const property = fc.asyncProperty(from, (one) => simulation.play(one));
  const outcome = await fc.check(property, {
    numRuns: schedules,
    seed,
    ...(path === undefined ? {} : { path }),
    endOnFailure: anyWillDo,
  });
  if (!outcome.failed) return;
  const again = `SIMULATION_SEED=${outcome.seed} SIMULATION_PATH=${outcome.counterexamplePath}`;
  const cause = outcome.errorInstance;
  throw new Error(
    `After ${outcome.numRuns} schedules: ${cause instanceof Error ? cause.stack : String(cause)}\n` +
      `Play it again with ${again}\n${JSON.stringify(outcome.counterexample?.[0])}`,
  );
}
