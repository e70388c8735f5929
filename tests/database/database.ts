/** The product's database on the embedded server, as the functions and people meet it. One server a test file. */
import postgres from 'postgres';
import { bringUpToDate } from '../../local/database.ts';
import { bareDatabase } from '../local/bare_database.ts';

export interface TestDatabase {
  readonly dbUrl: string;
  /** Connected as superuser: may read everything. */
  readonly admin: postgres.Sql;
  /** Connected as `postgres`, which owns everything and is no superuser. */
  readonly owner: postgres.Sql;
  /** One transaction as a signed-in person. */
  asUser<T>(userId: string, work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T>;
  /** One transaction with the secret key. */
  asService<T>(work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T>;
  /** Calls a function of the public schema with the secret key, as the Edge Functions do. */
  call<T>(
    name: string,
    args: Readonly<Record<string, string | number | boolean | null | string[] | object>>,
  ): Promise<T>;
  stop(): Promise<void>;
}

export interface TestPerson {
  readonly organisation: string;
  readonly user: string;
  readonly member: string;
}

/** `directory`: migrations and seed of another project than this repository; `before`: as in `bringUpToDate`. */
export async function testDatabase(
  { pgsodium = true, ...project }: { pgsodium?: boolean; directory?: string; before?: string } = {},
): Promise<TestDatabase> {
  const bare = await bareDatabase({ pgsodium });
  try {
    await bringUpToDate(bare.dbUrl, { mayBeForeign: false, ...project });
  } catch (error) {
    await bare.stop();
    throw error;
  }
  const as = async <T>(
    role: string,
    claims: Readonly<Record<string, string>>,
    work: (sql: postgres.TransactionSql) => Promise<T>,
  ): Promise<T> =>
    await bare.admin.begin(async (sql) => {
      await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${
        JSON.stringify({ role, ...claims })
      }, true)`;
      return await work(sql);
    }) as T;
  const asService: TestDatabase['asService'] = (work) => as('service_role', {}, work);
  return {
    dbUrl: bare.dbUrl,
    admin: bare.admin,
    owner: bare.sql,
    asUser: (userId, work) => as('authenticated', { sub: userId }, work),
    asService,
    async call<T>(name: string, args: Parameters<TestDatabase['call']>[1]) {
      const named = Object.entries(args);
      const text = named.map(([key, value], at) => `${key} => $${at + 1}${isPlainObject(value) ? '::jsonb' : ''}`);
      const rows = await asService((sql) =>
        sql.unsafe(`select public.${name}(${text.join(', ')}) as answer`, named.map(([, value]) => value) as never[])
      );
      return rows[0]!.answer as T;
    },
    stop: () => bare.stop(),
  };
}

/** A person in a practice of their own, or in the one that is given. */
export async function newPerson(
  db: TestDatabase,
  options: { organisation?: string; user?: string; role?: 'admin' | 'practitioner' | 'secretary' } = {},
): Promise<TestPerson> {
  const user = options.user ?? crypto.randomUUID();
  const organisation = options.organisation ?? crypto.randomUUID();
  const member = crypto.randomUUID();
  await db.admin`insert into auth.users (id, aud, role, email)
    values (${user}, 'authenticated', 'authenticated', ${`${user}@example.test`}) on conflict (id) do nothing`;
  await db
    .admin`insert into public.organisations (id, name) values (${organisation}, 'Cabinet') on conflict (id) do nothing`;
  await db.admin`insert into public.organisation_members (id, organisation_id, user_id, role, display_name)
    values (${member}, ${organisation}, ${user}, ${options.role ?? 'practitioner'}, 'Dr Essai')`;
  return { organisation, user, member };
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
