/** With a test that fails: what its pages showed, what the functions logged last, and what the database held. */
import type { Browser } from 'playwright-core';
import postgres from 'postgres';
import { afterEach } from 'vitest';
import type { Stack } from '../local/stack.ts';
import { warn } from '../local/terminal.ts';

const LAST_LINES = 100;

/** What the sync is doing: ids, codes and times, as an engineer on call would look them up (`docs/operations.md`). */
const LOOKS: Readonly<Record<string, string>> = {
  integrations: `select id, provider, status, last_error, export_enabled, import_enabled, disconnected_at,
    removing_events_since from public.calendar_integrations`,
  lanes: `select integration_id, lease_owner, lease_until, paused_until, pause_code, strikes from private.sync_lanes`,
  outbox: `select integration_id, rdv_id, attempts, next_attempt_at, parked_at, last_error_code, request
    from private.sync_outbox order by next_attempt_at limit 20`,
  cursors: `select integration_id, calendar_id, sync_token is not null as followed,
    next_poll_at, lease_until, failures, last_error from private.calendar_cursors`,
  reading: `select integration_id, calendar_id, id, mode, trigger, starts, page_token is not null as halfway,
    end_cursor is not null as read from private.import_runs`,
  runs: `select id, direction, trigger, mode, started_at, finished_at, error, pages, events
    from public.sync_runs order by started_at desc limit 10`,
  conflicts: `select id, reason, status, resolution, internal_id from public.sync_conflicts limit 20`,
  requests:
    `select id, status_code, timed_out, error_msg, created from net._http_response order by created desc limit 10`,
};

export interface Observed {
  readonly stack: Pick<Stack, 'functionLogs' | 'adminDbUrl'>;
  readonly chromium?: { readonly browser: Browser };
}

/** For the whole test file; `observed` gives what has been started by the time a test fails. */
export function tellFailures(observed: () => Observed | undefined): void {
  afterEach(async ({ task }) => {
    const failed = observed();
    if (task.result?.state !== 'fail' || failed === undefined) return;
    for (const context of failed.chromium?.browser.contexts() ?? []) {
      for (const page of context.pages()) {
        const text = await page.locator('body').innerText().catch(() => 'no longer readable');
        warn(`${new URL(page.url()).pathname} showed:\n${text}`);
      }
    }
    const lines = failed.stack.functionLogs().trimEnd().split('\n').slice(-LAST_LINES);
    warn(`The functions logged last:\n${lines.join('\n')}`);
    await tellDatabase(failed.stack.adminDbUrl);
  });
}

async function tellDatabase(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const [name, query] of Object.entries(LOOKS)) {
      const rows = await sql.unsafe(query).catch((error) => [{ unreadable: String(error) }]);
      warn(`The database held, ${name}:\n${rows.map((row) => `  ${JSON.stringify(row)}`).join('\n') || '  none'}`);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}
