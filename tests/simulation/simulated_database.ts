/** The product's own database, reached as the functions reach it, and emptied between two worlds. */
import type { Rpc } from '../../supabase/functions/_shared/db/rpc.ts';
import { type TestDatabase, testDatabase } from '../database/database.ts';
import { directRpc } from './direct_rpc.ts';
import { recordTransitions } from './transitions.ts';
import type { VirtualClock } from './virtual_clock.ts';

/** Practices and their members stay: the same ones come again. So does what is set up once. */
const KEPT = ['organisations', 'organisation_members', 'app_config', 'sealed_columns', 'sealing_canaries'];
const WORLDS_PER_VACUUM = 100;

export interface SimulatedDatabase {
  readonly sql: TestDatabase['admin'];
  readonly rpc: Rpc;
  /** An empty database again. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

export async function simulatedDatabase(clock: VirtualClock): Promise<SimulatedDatabase> {
  const db = await testDatabase();
  // A schedule is a hundred small statements: planning each anew would cost more than running it.
  await db.admin.unsafe('alter system set plan_cache_mode = force_generic_plan');
  await db.admin.unsafe('alter system set jit = off');
  await db.admin.unsafe('select pg_reload_conf()');
  await recordTransitions(db.admin);
  const emptied = (await db.admin`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'private') and tablename <> all (${KEPT})`).map(({ name }) => name as string);
  let told: number | null = null;
  let worlds = 0;
  const sql = db.admin;

  /** The database judges by the same clock as the rest. */
  async function tellTime(): Promise<void> {
    if (told === clock.offset) return;
    told = clock.offset;
    await sql`insert into private.app_config (key, value) values ('clock_offset', ${`${told} milliseconds`})
      on conflict (key) do update set value = excluded.value`;
  }

  const direct = directRpc(db.dbUrl);
  const rpc: Rpc = async (name, args, schema) => {
    await tellTime();
    return await direct.rpc(name, args, schema);
  };

  return {
    sql,
    rpc,
    async empty() {
      const wipe = emptied.map((table) => `delete from ${table};`).join('');
      await sql.unsafe(`set session_replication_role = replica; ${wipe} set session_replication_role = origin;`);
      if (++worlds % WORLDS_PER_VACUUM === 0) await sql.unsafe(`vacuum ${emptied.join(', ')}, private.app_config`);
    },
    async stop() {
      await direct.stop();
      await db.stop();
    },
  };
}
