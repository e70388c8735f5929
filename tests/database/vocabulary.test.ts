/** The words that the database accepts are those of the vocabulary: in its checks, its enums, and the codes that it raises. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_KINDS } from '../../supabase/functions/_shared/errors.ts';
import {
  APPOINTMENT_STATUSES,
  AVAILABILITIES,
  CONFLICT_ENTITIES,
  CONFLICT_REASONS,
  CONFLICT_RESOLUTIONS,
  CONFLICT_STATUSES,
  CONNECTION_STATUSES,
  EVENT_ACTIONS,
  EVENT_DETAILS,
  EVENT_KINDS,
  EVENT_REASONS,
  EVENT_STATUSES,
  IMPORT_KINDS,
  IMPORT_RANGES,
  ITEM_ACTIONS,
  ITEM_REASONS,
  LANGUAGES,
  LINK_STATES,
  PAUSE_SCOPES,
  PROVIDERS,
  QUEUE_REQUESTS,
  RESPONSES,
  ROLES,
  RUN_DIRECTIONS,
  RUN_MODES,
  RUN_TRIGGERS,
  SCOPES,
  SKIP_REASONS,
  SOURCES,
  SYNC_STATUSES,
  TWO_WAY_MODES,
  VERDICTS,
  VISIBILITIES,
} from '../../supabase/functions/_shared/vocabulary.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** By column, whatever limits it to words. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  'public.organisation_members.role': ROLES,
  'public.rdv.status': APPOINTMENT_STATUSES,
  'public.rdv.source': SOURCES,
  'public.calendar_integrations.provider': PROVIDERS,
  'public.calendar_integrations.scope': SCOPES,
  'public.calendar_integrations.status': CONNECTION_STATUSES,
  'public.calendar_integrations.import_range_default': IMPORT_RANGES,
  'public.calendar_integrations.import_as': IMPORT_KINDS,
  'public.calendar_integrations.two_way': TWO_WAY_MODES,
  'public.organisations.event_language': LANGUAGES,
  'public.calendar_integrations.event_detail': EVENT_DETAILS,
  'public.calendar_feeds.event_detail': EVENT_DETAILS,
  'public.appointment_external_links.sync_status': SYNC_STATUSES,
  'public.appointment_external_links.skip_reason': SKIP_REASONS,
  'public.sync_conflicts.entity_type': CONFLICT_ENTITIES,
  'public.sync_conflicts.reason': CONFLICT_REASONS,
  'public.sync_conflicts.status': CONFLICT_STATUSES,
  'public.sync_conflicts.resolution': CONFLICT_RESOLUTIONS,
  'public.sync_runs.direction': RUN_DIRECTIONS,
  'public.sync_runs.trigger': RUN_TRIGGERS,
  'public.sync_runs.mode': RUN_MODES,
  'public.sync_run_items.action': ITEM_ACTIONS,
  'public.sync_run_items.reason': ITEM_REASONS,
  'public.external_events.status': EVENT_STATUSES,
  'public.external_events.kind': EVENT_KINDS,
  'public.external_events.own_response': RESPONSES,
  'public.external_events.visibility': VISIBILITIES,
  'public.external_events.availability': AVAILABILITIES,
  'private.import_requests.mode': RUN_MODES,
  'private.import_runs.mode': RUN_MODES,
  'private.import_runs.trigger': RUN_TRIGGERS.filter((trigger) => trigger !== 'change'),
  'private.import_staging.action': EVENT_ACTIONS,
  'private.import_staging.reason': EVENT_REASONS,
  'private.sync_pauses.scope': PAUSE_SCOPES,
};

/** What Postgres calls things, and a rule of the tables that the page knows by name. */
const NO_CODES = ['UPDATE', 'DELETE', 'UTC', 'LAST_ADMINISTRATOR'];

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  'private.link_state': LINK_STATES,
  'private.queue_request': QUEUE_REQUESTS,
  'private.verdict_kind': VERDICTS,
};

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.stop());

/** Words of each list, in the order of the alphabet. */
const sorted = (lists: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(lists).map(([name, words]) => [name, words.toSorted()]));

describe('the words of the database', () => {
  test('are those of the vocabulary wherever a column is limited to some', async () => {
    const checks = await db.admin<{ name: string; condition: string }[]>`
      select conrelid::regclass::text as name, pg_get_constraintdef(oid) as condition from pg_constraint
      where contype = 'c' and connamespace in ('public'::regnamespace, 'private'::regnamespace)`;
    const found = checks.flatMap(({ name, condition }) =>
      [...condition.matchAll(/\(?(\w+)\)? = ANY \(ARRAY\[(.*?)\]/g)].map(([, column, list]) =>
        [
          `${name.includes('.') ? name : `public.${name}`}.${column}`,
          [...list!.matchAll(/'([^']*)'/g)].map(([, word]) => word!),
        ] as const
      )
    );
    expect(sorted(Object.fromEntries(found))).toEqual(sorted(CHECKS));
  });

  test('are those of the vocabulary in each enum, in its order', async () => {
    const enums = await db.admin<{ name: string; words: string[] }[]>`
      select format('%I.%I', t.typnamespace::regnamespace, t.typname) as name,
        array_agg(e.enumlabel::text order by e.enumsortorder) as words
      from pg_enum e join pg_type t on t.oid = e.enumtypid
      where t.typnamespace in ('public'::regnamespace, 'private'::regnamespace) group by 1`;
    expect(Object.fromEntries(enums.map(({ name, words }) => [name, words])))
      .toEqual(Object.fromEntries(Object.entries(ENUMS).map(([name, words]) => [name, [...words]])));
  });

  test('that a person reads as the reason of a failure are codes of errors', async () => {
    const known = new Set<string>([...Object.keys(ERROR_KINDS), ...NO_CODES]);
    const bodies = await db.admin<{ name: string; body: string }[]>`
      select p.oid::regprocedure::text as name, p.prosrc as body from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)`;
    const unknown = bodies.flatMap(({ name, body }) =>
      [...body.matchAll(/'([A-Z][A-Z_]{2,})'/g)].map(([, code]) => code!).filter((code) => !known.has(code))
        .map((code) => `${name}: ${code}`)
    );
    expect(unknown).toEqual([]);
  });

  test('of an open question are codes of errors in capitals: the link of its appointment shows them', () => {
    const codes = CONFLICT_REASONS.filter((reason) => reason !== 'time_overlap').map((reason) => reason.toUpperCase());
    expect(codes.filter((code) => !Object.hasOwn(ERROR_KINDS, code))).toEqual([]);
  });

  test('are refused where they are none', async () => {
    await expect(db.admin`insert into public.sync_run_items (organisation_id, run_id, action, reason)
      values (gen_random_uuid(), gen_random_uuid(), 'skip', 'because')`).rejects.toThrow(/sync_run_items_check/);
  });
});
