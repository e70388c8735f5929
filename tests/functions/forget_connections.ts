import type postgres from 'postgres';

/**
 * No account is connected any more, nothing is left to return to. Waits for workers that are at it: they lock a lane or a
 * cursor before its connection.
 */
export async function forgetConnections(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`select 1 from private.sync_lanes order by integration_id for update`;
    await transaction`select 1 from private.calendar_cursors order by integration_id, calendar_id for update`;
    await transaction`delete from public.calendar_integrations where true`;
    await transaction`delete from private.grant_revocations where true`;
    await transaction`delete from private.left_events where true`;
  });
}
