import { describe, expect, test } from 'vitest';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { METRICS, metricsRoute } from '../../../supabase/functions/_shared/routes/metrics.ts';
import { API, CLAIRE, testWorld } from '../http/test_world.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const HEALTH = {
  sealing: { scheme: 'vault-1', keyPresent: true, keyFits: false, fallback: true },
  extensions: { pg_cron: '1.6' },
  nudgeConfigured: true,
  pauses: [{ scope: 'practice', key: CLAIRE, reason: 'Mme Durand a appelé', since: '2026-11-21T08:00:00Z' }],
  due: 12,
  oldestDueSeconds: 61,
  parked: 3,
  reconnectRequired: 2,
  calendarsFailing: 1,
  mostOverduePollSeconds: null,
  openMassChanges: 0,
  projects: [{ provider: 'demo', unitsPerMinute: 10_000, leftPercent: 40, refusedSeconds: 12 }],
  workers: 5,
};

async function scrape(authorization: string | null, environment: Record<string, string> = { METRICS_TOKEN: TOKEN }) {
  const world = await testWorld({ rpcs: { sync_health: () => HEALTH }, environment });
  const handler = edgeFunction({ name: 'demo-sync', routes: () => [metricsRoute] }, world);
  const headers: Record<string, string> = authorization === null ? {} : { authorization };
  const answer = await handler(new Request(`${API}/demo-sync/metrics`, { headers }));
  return { answer, text: await answer.text(), world };
}

describe('what a monitor reads', () => {
  test('is a gauge for everything that health counts, in Prometheus’ text format', async () => {
    const { answer, text } = await scrape(`Bearer ${TOKEN}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    for (const [index, { name, help }] of METRICS.entries()) {
      expect(lines.slice(3 * index, 3 * index + 2)).toEqual([`# HELP ${name} ${help}`, `# TYPE ${name} gauge`]);
      expect(lines[3 * index + 2]).toMatch(new RegExp(`^${name} \\d+$`));
    }
    expect(lines).toHaveLength(3 * METRICS.length);
    expect(text).toMatch(/^cassius_due_appointments 12\n/m);
    expect(text).toMatch(/^cassius_oldest_due_seconds 61\n/m);
    expect(text).toMatch(/^cassius_most_overdue_poll_seconds 0\n/m);
    expect(text).toMatch(/^cassius_pauses 1\n/m);
    expect(text).toMatch(/^cassius_project_quota_left_percent 40\n/m);
    expect(text).toMatch(/^cassius_project_refused_seconds 12\n/m);
    expect(text).toMatch(/^cassius_workers 5\n/m);
    expect(text).toMatch(/^cassius_sealing_key_fits 0\n/m);
  });

  test('holds no id, and nothing that a person wrote', async () => {
    const { text } = await scrape(`Bearer ${TOKEN}`);
    expect(text).not.toContain(CLAIRE);
    expect(text).not.toContain('Durand');
  });
});

describe('a monitor’s token', () => {
  test.each([['no token', null], ['another token', `Bearer ${TOKEN}0`], ['an empty one', 'Bearer ']])(
    '%s is refused before the database is asked',
    async (_what, authorization) => {
      const { answer, world } = await scrape(authorization);
      expect(answer.status).toBe(401);
      expect(world.calls).toEqual([]);
    },
  );

  test('where the functions have none, no token is right', async () => {
    for (const token of ['undefined', '', TOKEN]) expect((await scrape(`Bearer ${token}`, {})).answer.status).toBe(401);
  });

  test('one that can be guessed is a configuration error, which names the variable and not its value', async () => {
    const { answer, text, world } = await scrape('Bearer secret', { METRICS_TOKEN: 'secret' });
    expect(answer.status).toBe(500);
    expect(text).toContain('CONFIGURATION_ERROR');
    expect(world.entries()).toMatchObject([{ code: 'CONFIGURATION_ERROR', variable: 'METRICS_TOKEN' }]);
    expect(JSON.stringify(world.entries()) + text).not.toContain('"secret"');
  });

  test('a person’s access token is none', async () => {
    const world = await testWorld({ environment: { METRICS_TOKEN: TOKEN } });
    expect((await scrape(await world.authorization(CLAIRE))).answer.status).toBe(401);
  });
});
