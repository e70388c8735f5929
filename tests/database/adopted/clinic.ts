/** Claire of the clinic's practice at the port, and a worker's hands for her calendar. */
import type { TestDatabase } from '../database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;

export const PORT = 'a0000000-0000-4000-8000-000000000001';
export const CLAIRE = 'c1a13e00-0000-4000-8000-00000000000a';
export const DENTIST = 'b0000000-0000-4000-8000-000000000001';
export const JEANNE = 'd0000000-0000-4000-8000-000000000001';
export const VISIT = 'e0000000-0000-4000-8000-000000000001';

const PERSON = { p_organisation: PORT, p_user: CLAIRE, p_provider: 'google' };

/** She connects, and exports everything that an event can show. */
export async function connect(db: TestDatabase): Promise<string> {
  const stored = await db.call<Json>('connect_store', {
    ...PERSON,
    p_account_id: 'sub-1',
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  await db.call('integration_update', {
    ...PERSON,
    p_changes: { calendar_target_id: 'cal', event_detail: 'full', export_enabled: true },
  });
  return stored.integrationId;
}

/** What a worker is handed. */
export async function claim(db: TestDatabase, worker = crypto.randomUUID()): Promise<{ worker: string; jobs: Json[] }> {
  const claimed = await db.call<Json>('sync_claim', {
    p_worker: worker,
    p_provider: 'google',
    p_integration: null,
    p_max_lanes: 8,
    p_max_jobs: 200,
    p_lease_seconds: 60,
    p_units_per_minute: null,
  });
  return { worker, jobs: claimed.lanes.flatMap((lane: Json) => lane.jobs) };
}

/** The worker says that all of it is in the calendar; `ending`: that it is gone from there. */
export async function pushAll(db: TestDatabase, integration: string, ending = false): Promise<Json[]> {
  const { worker, jobs } = await claim(db);
  const gone = (rdv: Json) => ending || rdv === null;
  await db.call('sync_complete', {
    p_worker: worker,
    p_integration: integration,
    p_results: jobs.map(({ rdvId, version, rdv: shown }) => [rdvId, version, ending ? null : shown]).map((
      [rdvId, version, rdv],
    ) => ({
      rdvId,
      version,
      outcome: 'done',
      action: gone(rdv) ? 'deleted' : 'created',
      reason: null,
      delaySeconds: null,
      error: null,
      conflict: null,
      link: {
        calendarId: 'cal',
        eventId: `e${rdvId}`,
        epoch: 0,
        etag: '"1"',
        state: gone(rdv) ? 'gone' : 'live',
        pushed: gone(rdv) ? null : {},
        base: gone(rdv) ? null : {},
      },
    })),
    p_lane: {
      runId: crypto.randomUUID(),
      trigger: 'change',
      usedUnits: 0,
      release: true,
      pauseSeconds: null,
      pauseCode: null,
      strike: false,
      worked: true,
      refused: [],
    },
  });
  return jobs;
}
