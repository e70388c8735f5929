/** The functions' calls without the HTTP between: a schedule makes fifty of them, and their way costs more than they do. */
import postgres from 'postgres';
import { z } from 'zod';
import type { Rpc } from '../../supabase/functions/_shared/db/rpc.ts';
import { isErrorCode, SyncError } from '../../supabase/functions/_shared/errors.ts';

export interface DirectRpc {
  readonly rpc: Rpc;
  stop(): Promise<void>;
}

/** As `supabaseRpc`: the same role, named JSON arguments, the same errors. */
export function directRpc(dbUrl: string): DirectRpc {
  const sql = postgres(dbUrl, { max: 4, onnotice: () => {}, connection: { role: 'service_role' } as never });
  const statements = new Map<string, string>();

  async function statementFor(name: string): Promise<string> {
    const [found] = await sql`select p.proargnames[1:p.pronargs] as names,
        array(select format_type(t, null) from unnest(p.proargtypes::oid[]) with ordinality a (t, n) order by n) as types
      from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = ${name}`;
    const names: string[] = found!.names;
    const given = names.map((argument) => `${argument} => a.${argument}`).join(', ');
    const columns = names.map((argument, at) => `${argument} ${found!.types[at]}`).join(', ');
    return `select to_json(public.${name}(${given})) as result from json_to_record($1::text::json) as a (${columns})`;
  }

  return {
    async rpc(name, args, schema) {
      let statement = statements.get(name);
      if (statement === undefined) statements.set(name, statement = await statementFor(name));
      let data: unknown;
      try {
        const [row] = await sql.unsafe(statement, [JSON.stringify(args)], { prepare: true });
        data = row!.result;
      } catch (error) {
        if (!(error instanceof postgres.PostgresError)) throw error;
        const refused = error.code === 'P0001' && isErrorCode(error.message);
        throw new SyncError(refused ? error.message as never : 'SYNC_FAILED', `Call ${name}: ${error.code}`, {
          cause: error,
        });
      }
      return z.parse(schema, data);
    },
    stop: () => sql.end({ timeout: 1 }),
  };
}
