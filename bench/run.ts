/**
 * `npm run bench [-- --quick] [--full] [--only a,b] [--provider google|microsoft] [--calendars n] [--json file]`: every
 * figure of one run on one real stack, as a table and as JSON; what lies between us and a provider with each of them.
 * `--only fleet` runs all whose names begin so. JSON goes to `bench/results/latest.json`, and to the file.
 */
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { freePortBase } from '../local/ports.ts';
import { startStack } from '../local/stack.ts';
import { print } from '../local/terminal.ts';
import { claimCost } from './claim_cost.ts';
import { commitToConfirmed } from './commit_to_confirmed.ts';
import { drain } from './drain.ts';
import { fleetDue } from './fleet_due.ts';
import { fleetDay } from './fleet_day.ts';
import { fleetMinute } from './fleet_minute.ts';
import { fleetMorning } from './fleet_morning.ts';
import { fleetNeighbour } from './fleet_neighbour.ts';
import { googleStage } from './google_stage.ts';
import { heavyPage } from './heavy_page.ts';
import { importCost } from './import_cost.ts';
import { insertCost } from './insert_cost.ts';
import { invocationCpu } from './invocation_cpu.ts';
import type { Bench, BenchReport } from './measure.ts';
import { microsoftStage } from './microsoft_stage.ts';
import { overlapCost } from './overlap_cost.ts';
import { pageResponse } from './page_response.ts';
import type { ProviderStage } from './provider_stage.ts';
import { readingCost } from './reading_cost.ts';
import { table } from './table.ts';

const BENCHES: readonly Bench[] = [
  insertCost,
  commitToConfirmed,
  drain,
  claimCost,
  importCost,
  heavyPage,
  overlapCost,
  readingCost,
  pageResponse,
  invocationCpu,
  fleetDue,
  fleetMinute,
  fleetMorning,
  fleetNeighbour,
  fleetDay,
];

const STAGES: readonly ProviderStage[] = [googleStage, microsoftStage];

interface Turn {
  readonly bench: Bench;
  readonly stage: ProviderStage;
  readonly title: string;
}

type Outcome =
  & { name: string; provider: string | null; title: string; seconds: number }
  & (BenchReport | { error: string });

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      only: { type: 'string' },
      provider: { type: 'string' },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      calendars: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const chosen = turns(choose(values.only), chooseStages(values.provider));
  const { quick, full, json } = values;
  const calendars = values.calendars === undefined ? null : Number(values.calendars);
  const stateDir = await Deno.makeTempDir({ dir: tmpdir(), prefix: 'cassius-bench-' });
  try {
    // A state directory of its own: such a stack writes its data to the disk, as a real database does. To keep tens of
    // thousands of emulated events as well took up to a fifth of a core.
    const stack = await startStack({
      portBase: freePortBase(),
      web: false,
      quiet: true,
      stateDir,
      keepsEmulators: false,
    });
    const sql = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    const outcomes: Outcome[] = [];
    try {
      for (const turn of chosen) {
        print(turn.title);
        outcomes.push(
          await runOne(
            turn,
            ({ bench, stage }) => bench.run({ stack, stage, sql, quick, full, calendars, say: print }),
          ),
        );
      }
    } finally {
      await sql.end();
      await stack.stop();
    }
    const results = { at: new Date().toISOString(), quick, machine: machine(), benches: outcomes };
    await save(results, join(import.meta.dirname!, 'results', 'latest.json'));
    if (json !== undefined) await save(results, json);
    report(outcomes, quick);
    if (outcomes.some((outcome) => 'error' in outcome)) Deno.exitCode = 1;
  } finally {
    await Deno.remove(stateDir, { recursive: true });
  }
}

function choose(only: string | undefined): readonly Bench[] {
  if (only === undefined) return BENCHES;
  return only.split(',').flatMap((name) => {
    const chosen = BENCHES.filter((one) => one.name === name || one.name.startsWith(`${name}_`));
    if (chosen.length === 0) {
      throw new Error(`Choose the benches: there is no ${name}, only ${BENCHES.map((b) => b.name).join(', ')}`);
    }
    return chosen;
  });
}

function chooseStages(provider: string | undefined): readonly ProviderStage[] {
  if (provider === undefined) return STAGES;
  const stage = STAGES.find((one) => one.provider === provider);
  if (!stage) {
    throw new Error(`Choose the provider: there is no ${provider}, only ${STAGES.map((s) => s.provider).join(', ')}`);
  }
  return [stage];
}

/** Each bench with each provider, or with the first where the provider makes no difference. */
function turns(benches: readonly Bench[], stages: readonly ProviderStage[]): readonly Turn[] {
  return benches.flatMap((bench) =>
    bench.perProvider
      ? stages.map((stage) => ({ bench, stage, title: `${stage.name}: ${bench.title}` }))
      : stages.slice(0, 1).map((stage) => ({ bench, stage, title: bench.title }))
  );
}

/** One that breaks must not take the figures of the others with it. */
async function runOne(turn: Turn, run: (turn: Turn) => Promise<BenchReport>): Promise<Outcome> {
  const { bench: { name, perProvider }, stage, title } = turn;
  const about = { name, provider: perProvider ? stage.provider : null, title };
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  try {
    const measured = await run(turn);
    return { ...about, seconds: seconds(), ...measured };
  } catch (error) {
    return { ...about, seconds: seconds(), error: error instanceof Error ? error.message : String(error) };
  }
}

function report(outcomes: readonly Outcome[], quick: boolean): void {
  for (const outcome of outcomes) {
    print(`\n${outcome.title} (${outcome.seconds} s)`);
    if ('error' in outcome) {
      print(`  broke off: ${outcome.error}`);
      continue;
    }
    print(table(outcome.figures.map(({ what, value, unit }) => [what, number(value), unit])));
    print(table(outcome.claims.map(({ what, measured, target, met }) => [
      what,
      number(measured),
      `target ${target}`,
      met ? 'met' : 'MISSED',
    ])));
  }
  const claims = outcomes.flatMap((outcome) => 'error' in outcome ? [] : outcome.claims);
  const missed = claims.filter((claim) => !claim.met).length;
  print(`\n${claims.length - missed} of ${claims.length} targets met${quick ? ' (sizes of --quick: no proof)' : ''}`);
}

function number(value: number): string {
  return value.toFixed(Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1);
}

function machine() {
  return { os: `${Deno.build.os} ${Deno.build.arch}`, cpus: navigator.hardwareConcurrency, deno: Deno.version.deno };
}

async function save(results: unknown, file: string): Promise<void> {
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

await main();
