/** docs/capacity.md says what follows from the newest run of the bench that is kept. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MINUTE, MIX, NEIGHBOUR } from '../../bench/fleet_figures.ts';
import {
  LIFE,
  monthTable,
  newest,
  practicesOn,
  quotasTable,
  type Results,
  sizesTable,
  withTables,
} from '../../scripts/capacity.ts';

const page = readFileSync(new URL('../../docs/capacity.md', import.meta.url), 'utf8');

/** A run in which one of each takes so many milliseconds, two units and three invocations. */
function run(cpuMs: number, idleMs = 0): Results {
  const figures = [
    ...MIX.flatMap((part) => [
      { what: MINUTE.cpu(part), value: cpuMs },
      { what: MINUTE.requests(part), value: 2 },
      { what: MINUTE.units(part), value: 2 },
      { what: MINUTE.invocations(part), value: 3 },
    ]),
    { what: MINUTE.idleCpu, value: idleMs },
    { what: MINUTE.calendars, value: 1000 },
  ];
  return {
    at: '2026-11-28T18:00:00Z',
    machine: { os: 'linux', cpus: 2 },
    benches: [
      { name: 'fleet_minute', figures },
      { name: 'fleet_neighbour', figures: [{ what: NEIGHBOUR.bytes, value: 4096 }] },
    ],
  };
}

test('the page’s tables are those of the newest run that is kept', () => {
  const results: Results = JSON.parse(readFileSync(newest(), 'utf8'));
  expect(withTables(page, results)).toBe(page);
});

test('a kept run is named after its day', () => {
  const results: Results = JSON.parse(readFileSync(newest(), 'utf8'));
  expect(newest().split(/[\\/]/).at(-1)).toMatch(new RegExp(`^${results.at.slice(0, 10)}-[a-z0-9-]+\\.json$`));
});

const own = (cores: 2 | 4) => ({ cores, shared: false });

describe('what follows from a run', () => {
  test('half of an instance’s cores, in a busiest minute of thrice the mean', () => {
    const things = LIFE.booking + LIFE.change + LIFE.poll;
    const aMinute = things * 10 * LIFE.peak / (LIFE.hoursADay * 60);
    expect(practicesOn(run(10), own(2))).toBe(Math.floor(60_000 / aMinute));
    expect(practicesOn(run(20), own(2))).toBe(Math.floor(practicesOn(run(10), own(2)) / 2));
    expect(practicesOn(run(10), own(4))).toBe(practicesOn(run(10), own(2)) * 2);
  });

  test('a shared core is worth a fifth of one', () => {
    expect(practicesOn(run(10), { cores: 2, shared: true })).toBe(Math.floor(practicesOn(run(10), own(2)) / 5));
  });

  test('what a minute costs in which nothing happens is taken off first', () => {
    expect(practicesOn(run(10, 60_000), own(2))).toBe(0);
    expect(practicesOn(run(10, 30_000), own(2))).toBe(Math.floor(practicesOn(run(10), own(2)) / 2));
  });

  test('Google’s day is full at a million requests', () => {
    const units = 2 * (LIFE.booking + LIFE.change + LIFE.poll);
    expect(quotasTable(run(10))).toContain(`${units} a day`);
    expect(quotasTable(run(10))).toMatch(/before charges\s+\| 48 a day\s+\| 21,000 /);
  });

  test('pg_net sends two hundred nudges a second, and every write asks for one', () => {
    const practices = 200 * 60 / (LIFE.booking * LIFE.peak / (LIFE.hoursADay * 60));
    expect(quotasTable(run(10))).toMatch(new RegExp(`pg_net[^\n]*\\| ${practices.toLocaleString('en-US')} `));
  });

  test('an instance is the smallest that carries them and a year of them, and none where none does', () => {
    const [hundred, many] = monthTable(run(1)).split('\n').slice(2);
    expect(hundred).toContain('| Micro ');
    // The cores of a Micro would do for 10,000 practices; the disk for a year of their appointments would not.
    expect(practicesOn(run(1), { cores: 2, shared: true })).toBeGreaterThan(10_000);
    expect(many).toMatch(/\| Medium\s+\| 81 GB /);
    expect(monthTable(run(10_000)).split('\n').at(-1)).toContain('| more than one ');
  });

  test('invocations beyond two million are paid for', () => {
    const [hundred] = monthTable(run(10)).split('\n').slice(2);
    // 100 practices stay below.
    expect(hundred).toContain('| $0 ');
  });

  test('prices and sizes are shown as they were read', () => {
    expect(sizesTable(run(10))).toMatch(/\| 8XL\s+\| 32\s+\| 1,870\s+\|/);
  });

  test('a run without a figure is refused', () => {
    const { benches, ...rest } = run(10);
    expect(() => sizesTable({ ...rest, benches: benches.slice(1) })).toThrow('has no figure');
  });
});
