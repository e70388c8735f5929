/** What `ops/` watches is measured, and what it tells leads to a page that says what to do. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../supabase/functions/_shared/routes/metrics.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const alerts = read('ops/alerts.yml').split(/^ +- alert: /m).slice(1).map((rule) => ({
  name: /^\w+/.exec(rule)![0],
  expression: /^ +expr: (.+)$/m.exec(rule)![1]!,
  severity: /severity: (\w+)/.exec(rule)?.[1],
  runbook: /^ +runbook: (.+)$/m.exec(rule)?.[1],
  summary: /^ +summary: (.+)$/m.exec(rule)?.[1],
}));
const dashboard = JSON.parse(read('ops/grafana-dashboard.json')) as {
  readonly panels: ReadonlyArray<{ title: string; description: string; targets: ReadonlyArray<{ expr: string }> }>;
};
const drawn = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const measured = METRICS.map(({ name }) => name);
const namedIn = (expressions: readonly string[]) => [
  ...new Set(expressions.flatMap((expression) => expression.match(/cassius_\w+/g) ?? [])),
];

describe('alerts', () => {
  test('each has a page of its own in docs/operations.md, to which it leads, and no page is left of one that went', () => {
    const page = read('docs/operations.md');
    const section = page.slice(page.indexOf('\n## Alerts\n'), page.indexOf('\n## Queues\n'));
    const pages = [...section.matchAll(/^### (Cassius\w+)\n\n(.+)/gm)];
    expect(pages.map(([, name]) => name).toSorted()).toEqual(alerts.map(({ name }) => name).toSorted());
    expect(alerts.map(({ runbook }) => runbook))
      .toEqual(alerts.map(({ name }) => `docs/operations.md#${name.toLowerCase()}`));
    expect(alerts.length).toBeGreaterThan(8);
  });

  test('each says how urgent it is, and in a sentence what is wrong', () => {
    expect(alerts.filter(({ severity }) => !/^(page|ticket)$/.test(severity ?? ''))).toEqual([]);
    expect(alerts.filter(({ summary = '' }) => summary.length < 20)).toEqual([]);
  });

  test('they watch what is measured', () => {
    const watched = namedIn(alerts.map(({ expression }) => expression));
    expect(watched.filter((name) => !measured.includes(name))).toEqual([]);
    expect(alerts.filter(({ expression }) => !/cassius/.test(expression))).toEqual([]);
  });
});

describe('the dashboard', () => {
  test('draws everything that is measured, and nothing else', () => {
    expect(namedIn(drawn).toSorted()).toEqual(measured.toSorted());
  });

  test('says at each panel what it shows', () => {
    expect(dashboard.panels.filter(({ title, description }) => title === '' || description.length < 20)).toEqual([]);
  });
});

test('the monitor asks an address that the API has', () => {
  const path = /^ +metrics_path: \/functions\/v1(\S+)$/m.exec(read('ops/prometheus.yml'))?.[1];
  expect(Object.keys(JSON.parse(read('docs/openapi.json')).paths)).toContain(path);
});
