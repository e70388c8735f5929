/** The health of the project in Prometheus' text format, for a monitor. `ops/` has the alerts and the dashboard over it. */
import { type Health, healthOf } from '../db/health.ts';
import { route } from '../http/route.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly value: (health: Health) => number;
}

/** All are gauges, without labels: what they count has no practice and no person. */
export const METRICS: readonly Metric[] = [
  {
    name: 'cassius_due_appointments',
    help: 'Appointments that a worker could write now.',
    value: ({ due }) => due,
  },
  {
    name: 'cassius_oldest_due_seconds',
    help: 'How long the oldest of them waits; 0 where none does.',
    value: ({ oldestDueSeconds }) => oldestDueSeconds ?? 0,
  },
  {
    name: 'cassius_parked_appointments',
    help: 'Appointments given up until a person tries them again.',
    value: ({ parked }) => parked,
  },
  {
    name: 'cassius_reconnect_required_connections',
    help: 'Connections whose person has to consent again.',
    value: ({ reconnectRequired }) => reconnectRequired,
  },
  {
    name: 'cassius_failing_calendars',
    help: 'Followed calendars whose last three readings failed.',
    value: ({ calendarsFailing }) => calendarsFailing,
  },
  {
    name: 'cassius_most_overdue_poll_seconds',
    help: 'How late the calendar is that waits longest to be read; 0 where none is late.',
    value: ({ mostOverduePollSeconds }) => mostOverduePollSeconds ?? 0,
  },
  {
    name: 'cassius_open_mass_changes',
    help: 'Readings that were held because too much changed at once, and wait for their person.',
    value: ({ openMassChanges }) => openMassChanges,
  },
  {
    name: 'cassius_project_quota_left_percent',
    help: 'Of the units that our project may spend at once at a provider, how many are left; of the scarcest.',
    value: ({ projects }) => Math.max(0, Math.min(100, ...projects.map(({ leftPercent }) => leftPercent))),
  },
  {
    name: 'cassius_project_refused_seconds',
    help: 'For how long a provider is left alone because it refuses our whole project; 0 where none does.',
    value: ({ projects }) => Math.max(0, ...projects.map(({ refusedSeconds }) => refusedSeconds)),
  },
  {
    name: 'cassius_workers',
    help: 'Workers that go on from one claim to the next.',
    value: ({ workers }) => workers,
  },
  {
    name: 'cassius_pauses',
    help: 'Pauses in force: of everything, of a provider, of a practice.',
    value: ({ pauses }) => pauses.length,
  },
  {
    name: 'cassius_nudge_configured',
    help: '1 if the database knows whom to wake and signs it.',
    value: ({ nudgeConfigured }) => Number(nudgeConfigured),
  },
  {
    name: 'cassius_sealing_key_present',
    help: '1 if the key of the tokens is there.',
    value: ({ sealing }) => Number(sealing.keyPresent),
  },
  {
    name: 'cassius_sealing_key_fits',
    help: '1 if that key opens what was sealed.',
    value: ({ sealing }) => Number(sealing.keyFits),
  },
  {
    name: 'cassius_sealing_fallback',
    help: '1 if tokens are sealed by Vault, because pgsodium is not offered.',
    value: ({ sealing }) => Number(sealing.fallback),
  },
];

/** Text exposition format 0.0.4: every monitor that reads Prometheus' format reads it. */
export const metricsRoute = route({
  method: 'GET',
  path: '/metrics',
  auth: 'monitor',
  summary: 'The health of the whole project, for a monitor',
  answer: 'Prometheus’ text format: gauges without labels',
  async handle({ rpc, answerHeaders }) {
    const health = await healthOf(rpc);
    answerHeaders.set('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    const lines = METRICS.flatMap(({ name, help, value }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      `${name} ${value(health)}`,
    ]);
    return new Response(`${lines.join('\n')}\n`, { headers: answerHeaders });
  },
});
