/** Records which transitions of states happen in a database, to be compared with docs/states.md. */
import type postgres from 'postgres';
import { namesIn, tableUnder } from '../states_page.ts';

/** By heading of the page: the table, and the state of its row `r`. */
const MACHINES: Readonly<Record<string, { readonly table: string; readonly state: string }>> = {
  'Link': { table: 'private.link_states', state: 'r.state::text' },
  'Queue row': {
    table: 'private.sync_outbox',
    state: `case when r.parked_at is null then 'waiting' else 'parked' end`,
  },
  'Lane': {
    table: 'private.sync_lanes',
    state:
      `case when r.lease_owner is not null then 'leased' when r.paused_until is not null then 'paused' else 'free' end`,
  },
  'Cursor': {
    table: 'private.calendar_cursors',
    state:
      `case when r.lease_owner is not null then 'leased' when r.sync_token is not null then 'read' else 'unread' end`,
  },
  'Run': {
    table: 'private.import_runs',
    state:
      `case when r.end_cursor is not null then 'ending' when r.page_token is not null then 'reading' else 'begun' end`,
  },
  'Conflict': { table: 'public.sync_conflicts', state: 'r.status' },
  'Connection': {
    table: 'public.calendar_integrations',
    state: `case when r.disconnected_at is not null then 'disconnected'
      when r.removing_events_since is not null then 'removing' else r.status end`,
  },
};

/** From now on, every change of a state in this database. Needs a superuser. */
export async function recordTransitions(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(
    `create schema seen; create unlogged table seen.transitions (machine text, before text, after text)`,
  );
  for (const [machine, { table, state }] of Object.entries(MACHINES)) {
    const name = machine.toLowerCase().replace(' ', '_');
    await sql.unsafe(`
      create function seen.state_of_${name}(r ${table}) returns text language sql immutable as $$ select ${state} $$;
      create function seen.note_${name}() returns trigger language plpgsql security definer set search_path = '' as $$
      declare
        v_before text := case when tg_op = 'INSERT' then 'absent' else seen.state_of_${name}(old) end;
        v_after text := case when tg_op = 'DELETE' then 'absent' else seen.state_of_${name}(new) end;
      begin
        if v_before <> v_after and not exists (
          select from seen.transitions t where t.machine = '${machine}' and t.before = v_before
            and t.after = v_after
        ) then
          insert into seen.transitions values ('${machine}', v_before, v_after);
        end if;
        return null;
      end
      $$;
      create trigger seen_${name} after insert or update or delete on ${table}
        for each row execute function seen.note_${name}();`);
  }
}

/** What happened and is in no table of the page, in words. */
export async function undrawnTransitions(sql: postgres.Sql): Promise<string[]> {
  const seen = await sql`select distinct machine, before, after from seen.transitions order by 1, 2, 3`;
  if (seen.length === 0) return ['nothing was recorded'];
  return seen.filter(({ machine, before, after }) => !isDrawn(machine, before, after))
    .map(({ machine, before, after }) => `${machine}: ${before} → ${after}`);
}

function isDrawn(machine: string, before: string, after: string): boolean {
  return tableUnder(machine).some(({ from, to }) =>
    (from === 'any' || namesIn(from!).includes(before)) && namesIn(to!).includes(after)
  );
}
