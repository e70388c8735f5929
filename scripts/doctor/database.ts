/** What the database tells of itself. */
import type { Facts, Health } from './deployment.ts';
import { failing, type Finding, warning, well } from './finding.ts';

/** Without these nothing works; the versions are those that the product is tested with. */
const EXTENSIONS = { pgcrypto: '1.3', pg_net: '0.7', pg_cron: '1.4' } as const;
const POSTGRES = 15;
/** Jobs of the schedule, and how long after its last run each is late: a few times its own interval. */
const JOBS: Readonly<Record<string, number>> = {
  'cassius-sweep': 300,
  'cassius-import-sweep': 300,
  'cassius-keep-house': 2 * 86_400,
  'cassius-keep-import-house': 2 * 86_400,
};
const DUE_SECONDS = 600;
const POLL_SECONDS = 1800;

const list = (names: readonly string[]) => names.join(', ');

function isOlder(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = b.findIndex((part, index) => (a[index] ?? 0) !== part);
  return at >= 0 && (a[at] ?? 0) < b[at]!;
}

function extensions(found: Health['extensions'], postgres: string): Finding {
  const check = 'extensions';
  const missing = Object.keys(EXTENSIONS).filter((name) => !(name in found));
  if (missing.length > 0) {
    const todo = `create them (dashboard → Database → Extensions), then push the migrations again`;
    return failing(check, `missing: ${list(missing)}`, todo);
  }
  const old = Object.entries(EXTENSIONS).filter(([name, least]) => isOlder(found[name]!, least));
  if (old.length > 0 || isOlder(postgres, String(POSTGRES))) {
    const older = [
      ...old.map(([name]) => `${name} ${found[name]}`),
      ...isOlder(postgres, '15') ? [`Postgres ${postgres}`] : [],
    ];
    return warning(
      check,
      `older than any that was tried: ${list(older)}`,
      'upgrade the project’s Postgres (dashboard → Infrastructure)',
    );
  }
  const told = ['pgcrypto', 'pg_net', 'pg_cron', 'pgsodium', 'supabase_vault'].filter((name) => name in found);
  return well(check, `Postgres ${postgres}, ${list(told.map((name) => `${name} ${found[name]}`))}`);
}

function sealing({ scheme, keyPresent, keyFits, fallback }: Health['sealing']): Finding {
  const check = 'sealing';
  const todo = 'put the root key back before anything else: docs/backup.md';
  if (scheme === null) {
    return failing(check, 'no scheme was chosen', 'push the migrations: npx supabase db push --remote');
  }
  if (!keyPresent) return failing(check, `${scheme}: its key is not there`, todo);
  if (!keyFits) return failing(check, `${scheme}: its key does not open what was sealed (the canary)`, todo);
  return well(check, `${scheme}, the canary opens${fallback ? ' (Vault: pgsodium is not offered here)' : ''}`);
}

function schedule({ jobs }: Facts): Finding {
  const idle = Object.keys(JOBS).filter((name) => !jobs.some((job) => job.name === name && job.active));
  return idle.length === 0
    ? well('schedule', `${jobs.length} jobs of pg_cron`)
    : failing('schedule', `not scheduled: ${list(idle)}`, 'run the statements of supabase/migrations/*_schedule.sql');
}

function lastRuns({ jobs }: Facts): Finding {
  const check = 'cron';
  const failed = jobs.filter(({ lastStatus }) => lastStatus !== null && lastStatus !== 'succeeded');
  if (failed.length > 0) {
    const todo = 'read why: select command, return_message from cron.job_run_details order by runid desc limit 5';
    return failing(check, `the last run failed: ${list(failed.map(({ name }) => name))}`, todo);
  }
  // Those of every minute have run in any deployment that is older than that; the nightly ones may not have yet.
  const late = jobs.filter(({ name, secondsAgo }) =>
    secondsAgo === null ? (JOBS[name] ?? Infinity) < 3600 : secondsAgo > (JOBS[name] ?? Infinity)
  );
  return late.length === 0 ? well(check, 'each job ran when it had to, and succeeded') : failing(
    check,
    `not run lately: ${list(late.map(({ name }) => name))}`,
    'younger than two minutes: ask again; else restart the database, for pg_cron does not run',
  );
}

function pauses(found: Health['pauses']): Finding {
  const [first] = found;
  if (first === undefined) return well('pauses', 'nothing is stopped');
  const told = found.map(({ scope, key, since }) => `${[scope, key].filter(Boolean).join(' ')} since ${since}`);
  const key = first.scope === 'all' ? 'null' : `'${first.key}'`;
  return failing('pauses', `stopped by an operator: ${list(told)}`, `select private.resume('${first.scope}', ${key});`);
}

function quotas({ throttled }: Facts): Finding {
  const told = Object.entries(throttled).map(([provider, lanes]) => `${lanes} of ${provider}`);
  return told.length === 0 ? well('quota', 'no connection waits for a quota') : warning(
    'quota',
    `connections that wait for a quota: ${list(told)}`,
    'they go on by themselves; if it comes every day, ask for more in the provider’s console',
  );
}

function backlog({ oldestDueSeconds, mostOverduePollSeconds, calendarsFailing }: Health): Finding {
  const check = 'backlog';
  const seconds = Math.max(oldestDueSeconds ?? 0, 0);
  if (seconds > DUE_SECONDS || (mostOverduePollSeconds ?? 0) > POLL_SECONDS) {
    const told = `the oldest change waits for ${seconds} s, the most overdue reading for ${
      mostOverduePollSeconds ?? 0
    } s`;
    return failing(check, told, 'put the other lines right first; then docs/operations.md, "Nothing is synced"');
  }
  if (calendarsFailing > 0) {
    return warning(
      check,
      `${calendarsFailing} calendars cannot be read`,
      'select last_error from private.calendar_cursors where failures >= 3',
    );
  }
  return well(check, 'nothing waits longer than it should');
}

export function databaseFindings(health: Health, facts: Facts): Finding[] {
  return [
    extensions(health.extensions, facts.postgres),
    sealing(health.sealing),
    schedule(facts),
    lastRuns(facts),
    pauses(health.pauses),
    quotas(facts),
    backlog(health),
  ];
}
