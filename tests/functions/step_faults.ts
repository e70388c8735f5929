/** The database's part of a step, made to fail or to hang for one connection alone, and the claims that are counted. */
import postgres from 'postgres';
import { until } from '../local/bare_database.ts';

/** A function of the database, and how its arguments tell whose connection it works for: an SQL expression over `$1`… */
export interface WatchedFunction {
  readonly name: string;
  readonly connection: string;
}

export type ClaimKind = 'sync_claim' | 'import_claim';

const LOCK = 20_261_128;

const SCHEMA = `
  create schema blast;
  create table blast.faults (step text, connection uuid, action text);
  create sequence blast.sync_claim;
  create sequence blast.import_claim;
  create function blast.meet(p_step text, p_connection uuid) returns void
  language plpgsql security definer set search_path = ''
  as $$
  declare
    v_action text;
  begin
    select f.action into v_action from blast.faults f where f.step = p_step and f.connection = p_connection;
    if v_action = 'raise' then
      raise exception 'Poisoned' using errcode = 'XX000';
    elsif v_action = 'hold' then
      perform pg_catalog.pg_advisory_xact_lock_shared(${LOCK});
    end if;
  end
  $$;
`;

export class StepFaults {
  readonly #sql: postgres.Sql;
  #release: (() => void) | null = null;
  #held: Promise<unknown> = Promise.resolve();

  private constructor(sql: postgres.Sql) {
    this.#sql = sql;
  }

  /** @param dbUrl as the role that owns the functions */
  static async start(dbUrl: string, functions: readonly WatchedFunction[]): Promise<StepFaults> {
    const sql = postgres(dbUrl, { max: 3, onnotice: () => {} });
    await sql.unsafe(SCHEMA);
    for (const { name, connection } of functions) {
      await wrap(sql, name, `perform blast.meet('${name}', ${connection});`);
    }
    for (const claim of ['sync_claim', 'import_claim']) {
      await wrap(sql, `public.${claim}`, `perform nextval('blast.${claim}');`);
    }
    return new StepFaults(sql);
  }

  /** How often workers have asked for work so far, whatever they got. */
  async claims(kind: ClaimKind): Promise<number> {
    const [row] = await this.#sql.unsafe<{ last: string; called: boolean }[]>(
      `select last_value as last, is_called as called from blast.${kind}`,
    );
    return row!.called ? Number(row!.last) : 0;
  }

  /** From now on the step raises for that connection. */
  async fail(name: string, connection: string): Promise<void> {
    await this.#sql`insert into blast.faults values (${name}, ${connection}, 'raise')`;
  }

  /** From now on the step hangs for that connection, until `clear`. */
  async hold(name: string, connection: string): Promise<void> {
    const { promise: held, resolve: locked } = Promise.withResolvers<void>();
    const { promise: end, resolve: release } = Promise.withResolvers<void>();
    this.#release = release;
    this.#held = this.#sql.begin(async (transaction) => {
      await transaction`select pg_advisory_xact_lock(${LOCK})`;
      locked();
      await end;
    });
    await held;
    await this.#sql`insert into blast.faults values (${name}, ${connection}, 'hold')`;
  }

  /** Whom the step holds stays held; others pass. */
  async passOthers(): Promise<void> {
    await this.#sql`delete from blast.faults`;
  }

  async isHeld(): Promise<void> {
    const waits = () => this.#sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
    await until(async () => (await waits()).length > 0, 'the step stands still');
  }

  async clear(): Promise<void> {
    await this.#sql`delete from blast.faults`;
    this.#release?.();
    this.#release = null;
    await this.#held;
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.#sql.end({ timeout: 1 });
  }
}

/** The function goes on under another name, and its own does `first` before it calls that one. */
async function wrap(sql: postgres.Sql, name: string, first: string): Promise<void> {
  const [found] = await sql.unsafe(`
    select pg_get_functiondef(p.oid) as definition, pg_get_function_arguments(p.oid) as arguments,
      pg_get_function_result(p.oid) as result, p.pronargs as count,
      (select coalesce(string_agg('set ' || split_part(c, '=', 1) || ' = '
        || case when split_part(c, '=', 2) = '""' then '''''' else quote_literal(split_part(c, '=', 2)) end, ' '), '')
        from unnest(p.proconfig) c) as config
    from pg_proc p where p.oid = '${name}'::regproc`);
  const { definition, arguments: given, result, count, config } = found!;
  const own = name.split('.')[1];
  await sql.unsafe(definition.replace(`${name}(`, `blast.${own}(`));
  const passed = Array.from({ length: count }, (_, at) => `$${at + 1}`).join(', ');
  await sql.unsafe(`
    create or replace function ${name}(${given}) returns ${result}
    language plpgsql security definer ${config}
    as $wrapped$
    begin
      ${first}
      return blast.${own}(${passed});
    end
    $wrapped$`);
}
