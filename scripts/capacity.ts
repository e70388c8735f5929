/**
 * `npm run capacity [-- --write] [file]`: what `docs/capacity.md` says in figures, calculated from a run of the bench: the one
 * that is named, or the newest of `bench/measured`. With `--write` they go into the page; a test compares the two.
 */
import { join } from 'node:path';
import { MINUTE, MIX, type MixPart, NEIGHBOUR } from '../bench/fleet_figures.ts';
import { print } from '../local/terminal.ts';

const ROOT = join(import.meta.dirname!, '..');
const MEASURED = join(ROOT, 'bench', 'measured');
const PAGE = join(ROOT, 'docs', 'capacity.md');

/** What one practice with one calendar does. A guess to be corrected by the first hundred practices. */
export const LIFE = {
  /** Appointments made, moved and cancelled in a working day. */
  booking: 15,
  change: 5,
  /** Every four hours between seven and eight in the evening (`import_interval`, `in_hours`). */
  poll: 4,
  /** New appointments among those, which stay. */
  kept: 8,
  hoursADay: 10,
  workingDays: 22,
  days: 30,
  /** The busiest minute of the day against its mean one. */
  peak: 3,
} as const;

/** Of Postgres, before people notice: the practice's own app needs the rest. */
const SHARE_OF_CORES = 0.5;
/** What a core that is shared is good for in the long run, as makers of such instances say of theirs. */
const SHARED_CORE = 0.2;
/** Of a quota: what is refused is asked for again. */
const SHARE_OF_QUOTA = 0.8;

/** Read on 2026-11-28: docs/capacity.md names the pages. Dollars a month. */
const PRICES = {
  plan: 25,
  computeCredits: 10,
  invocationsIncluded: 2_000_000,
  aMillionInvocations: 2,
  gigabytesIncluded: 8,
  gigabyte: 0.125,
  sizes: [
    { name: 'Micro', cores: 2, price: 10, shared: true, gigabytes: 10 },
    { name: 'Small', cores: 2, price: 15, shared: true, gigabytes: 50 },
    { name: 'Medium', cores: 2, price: 60, shared: true, gigabytes: 100 },
    { name: 'Large', cores: 2, price: 110, shared: false, gigabytes: 200 },
    { name: 'XL', cores: 4, price: 210, shared: false, gigabytes: 500 },
    { name: '2XL', cores: 8, price: 410, shared: false, gigabytes: 1000 },
    { name: '4XL', cores: 16, price: 960, shared: false, gigabytes: 2000 },
    { name: '8XL', cores: 32, price: 1870, shared: false, gigabytes: 4000 },
    { name: '16XL', cores: 64, price: 3730, shared: false, gigabytes: 10000 },
  ],
} as const;

const QUOTAS = {
  google: { perMinute: 10_000, perDay: 1_000_000 },
  /** 130,000 in ten seconds for the app, 10,000 in ten minutes for a mailbox. */
  microsoft: { perMinute: 780_000, mailboxPerMinute: 1_000 },
} as const;

/** Requests of a batch of pg_net, after which it sleeps for a second. A write here asks for one. */
const NUDGES_A_SECOND = 200;

const FLEETS = [100, 10_000, 100_000] as const;

/** As `bench/run.ts` writes it. */
export interface Results {
  readonly at: string;
  readonly machine: { readonly os: string; readonly cpus: number };
  readonly benches: ReadonlyArray<
    { readonly name: string; readonly figures?: ReadonlyArray<{ readonly what: string; readonly value: number }> }
  >;
}

interface Cost {
  readonly cpuMs: number;
  readonly requests: number;
  readonly units: number;
  readonly invocations: number;
}

function figure({ benches }: Results, bench: string, what: string): number {
  const value = benches.find(({ name }) => name === bench)?.figures?.find((one) => one.what === what)?.value;
  if (value === undefined) throw new Error(`Calculate the capacity: the run has no figure "${what}" of ${bench}`);
  return value;
}

function costOf(results: Results, part: MixPart): Cost {
  const of = (name: (part: MixPart) => string) => figure(results, 'fleet_minute', name(part));
  return {
    cpuMs: of(MINUTE.cpu),
    requests: of(MINUTE.requests),
    units: of(MINUTE.units),
    invocations: of(MINUTE.invocations),
  };
}

/** What so much of everything costs. */
function together(results: Results, counts: Readonly<Record<MixPart, number>>): Cost {
  const costs = MIX.map((part) => ({ count: counts[part], cost: costOf(results, part) }));
  const total = (kind: keyof Cost) => costs.reduce((sum, { count, cost }) => sum + count * cost[kind], 0);
  return {
    cpuMs: total('cpuMs'),
    requests: total('requests'),
    units: total('units'),
    invocations: total('invocations'),
  };
}

const minutesADay = LIFE.hoursADay * 60;

/** A practice in the busiest minute of a working day. */
function busiest(results: Results): Cost {
  const { cpuMs, requests, units, invocations } = together(results, LIFE);
  const share = LIFE.peak / minutesADay;
  return { cpuMs: cpuMs * share, requests: requests * share, units: units * share, invocations: invocations * share };
}

type Instance = Pick<typeof PRICES.sizes[number], 'cores' | 'shared'>;

/** How many practices such a database carries. */
export function practicesOn(results: Results, { cores, shared }: Instance): number {
  const ms = cores * (shared ? SHARED_CORE : 1) * 60_000 * SHARE_OF_CORES;
  return Math.max(0, Math.floor((ms - figure(results, 'fleet_minute', MINUTE.idleCpu)) / busiest(results).cpuMs));
}

/** Of a practice: working days with all they bring, and the days when only polls go on. */
function month(results: Results): Cost {
  const idle = { booking: 0, change: 0, poll: LIFE.poll * (LIFE.days - LIFE.workingDays) };
  return together(results, {
    booking: LIFE.booking * LIFE.workingDays,
    change: LIFE.change * LIFE.workingDays,
    poll: LIFE.poll * LIFE.workingDays + idle.poll,
  });
}

export function sizesTable(results: Results): string {
  return table(
    ['instance', 'cores', '$ a month', 'GB at most', 'practices at half of its cores'],
    PRICES.sizes.map(({ name, cores, price, shared, gigabytes }) => [
      name,
      `${cores}${shared ? ' (shared)' : ''}`,
      exact(price),
      exact(gigabytes),
      round(practicesOn(results, { cores, shared })),
    ]),
  );
}

export function quotasTable(results: Results): string {
  const { units, requests } = busiest(results);
  const day = together(results, LIFE);
  const { google, microsoft } = QUOTAS;
  const nudges = LIFE.booking * LIFE.peak / minutesADay;
  return table(
    ['limit', 'of it a practice takes', 'practices'],
    [
      [
        `Google, ${exact(google.perMinute)} units a minute`,
        `${units.toFixed(2)} in the busiest minute`,
        round(google.perMinute * SHARE_OF_QUOTA / units),
      ],
      [
        `Google, ${exact(google.perDay)} requests a day before charges`,
        `${Math.round(day.units)} a day`,
        round(google.perDay / day.units),
      ],
      [
        `Microsoft, ${exact(microsoft.perMinute)} requests a minute for the app`,
        `${requests.toFixed(2)} in the busiest minute`,
        round(microsoft.perMinute * SHARE_OF_QUOTA / requests),
      ],
      [
        `Microsoft, ${exact(microsoft.mailboxPerMinute)} requests a minute for a mailbox`,
        `${requests.toFixed(2)} in the busiest minute`,
        'any number: each has its own',
      ],
      [
        `pg_net, ${NUDGES_A_SECOND} nudges a second`,
        `${nudges.toFixed(2)} in the busiest minute`,
        round(NUDGES_A_SECOND * 60 / nudges),
      ],
    ],
  );
}

export function monthTable(results: Results): string {
  return table(
    [
      'practices',
      'requests to providers',
      'invocations',
      'their cost',
      'database',
      'growth in a year',
      'all, $ a month',
    ],
    FLEETS.map((practices) => {
      const { requests, invocations } = month(results);
      const called = practices * invocations;
      const forCalls = Math.max(0, called - PRICES.invocationsIncluded) / 1e6 * PRICES.aMillionInvocations;
      const gigabytes = practices * LIFE.kept * LIFE.workingDays * 12 *
        figure(results, 'fleet_neighbour', NEIGHBOUR.bytes) / 2 ** 30;
      const size = PRICES.sizes.find((one) => practicesOn(results, one) >= practices && one.gigabytes >= gigabytes);
      const forDisk = Math.max(0, gigabytes - PRICES.gigabytesIncluded) * PRICES.gigabyte;
      const all = size && PRICES.plan + size.price - PRICES.computeCredits + forCalls + forDisk;
      return [
        exact(practices),
        round(practices * requests),
        round(called),
        `$${round(forCalls)}`,
        size?.name ?? 'more than one',
        `${round(gigabytes)} GB`,
        all === undefined ? 'see below' : round(all),
      ];
    }),
  );
}

function measuredTable(results: Results): string {
  const { at, machine: { os, cpus } } = results;
  const calendars = exact(figure(results, 'fleet_minute', MINUTE.calendars));
  const rows = table(
    ['what', 'database CPU', 'requests', 'units', 'invocations'],
    MIX.map((part) => {
      const { cpuMs, requests, units, invocations } = costOf(results, part);
      return [
        MINUTE.cpu(part).split(':')[0]!,
        `${cpuMs.toFixed(1)} ms`,
        requests.toFixed(1),
        units.toFixed(1),
        invocations.toFixed(1),
      ];
    }),
  );
  return `Measured on ${at.slice(0, 10)}, among ${calendars} connected calendars, on ${cpus} cores (${os}).\n\n${rows}`;
}

const TABLES = {
  measured: measuredTable,
  sizes: sizesTable,
  quotas: quotasTable,
  month: monthTable,
} as const;

/** The page with each table between its two marks. */
export function withTables(page: string, results: Results): string {
  let text = page;
  for (const [name, make] of Object.entries(TABLES)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end);
    if (from < begin.length || to < from) throw new Error(`Write the capacity: the page has no place for ${name}`);
    text = `${text.slice(0, from)}\n\n${make(results)}\n\n${text.slice(to)}`;
  }
  return text;
}

/** Laid out as `deno fmt` lays out a page. */
function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const exact = (value: number) => value.toLocaleString('en-US');

/** To two figures: nothing here is known better. */
function round(value: number): string {
  if (value < 10) return value.toFixed(value === Math.round(value) ? 0 : 1);
  if (value < 100) return String(Math.round(value));
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(Math.round(value / unit) * unit).toLocaleString('en-US');
}

export function newest(): string {
  const files = [...Deno.readDirSync(MEASURED)].map(({ name }) => name).filter((name) => name.endsWith('.json')).sort();
  const last = files.at(-1);
  if (last === undefined) throw new Error('Calculate the capacity: no run of the bench is kept in bench/measured');
  return join(MEASURED, last);
}

if (import.meta.main) {
  const file = Deno.args.find((argument) => !argument.startsWith('--')) ?? newest();
  const results: Results = JSON.parse(await Deno.readTextFile(file));
  if (Deno.args.includes('--write')) {
    await Deno.writeTextFile(PAGE, withTables(await Deno.readTextFile(PAGE), results));
  } else for (const make of Object.values(TABLES)) print(`${make(results)}\n`);
}
