import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';

let db: BareDatabase;

beforeAll(async () => {
  db = await bareDatabase();
});
afterAll(() => db?.stop());

/** The real Supabase CLI, against a server that has only the rights of a hosted one. */
async function supabase(...args: string[]): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command('node_modules/.bin/supabase', {
    args: [...args, `--remote=${db.dbUrl}`],
    env: { DO_NOT_TRACK: '1' },
    stdin: 'null',
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

describe('the migrations', () => {
  test('are applied by db push as a role that is no superuser, and are complete', async () => {
    const [role] = await db.sql`select rolsuper from pg_roles where rolname = current_user`;
    expect(role!.rolsuper).toBe(false);
    const pushed = await supabase('db', 'push', '--yes');
    expect(pushed.code, pushed.output).toBe(0);
    const files = [...Deno.readDirSync('supabase/migrations')].filter((file) => file.name.endsWith('.sql')).length;
    const applied = await db.sql`select version from supabase_migrations.schema_migrations`;
    expect(applied).toHaveLength(files);
    expect((await supabase('db', 'push', '--yes')).output).toContain('up to date');
  });

  test('leave the advisors nothing to warn of', async () => {
    const advised = await supabase('db', 'advisors', '--level', 'warn');
    expect(advised.code, advised.output).toBe(0);
    expect(advised.output).toContain('No issues found');
  });

  test('seal, open and nudge with the rights of a hosted project', async () => {
    const secret = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
    await db.sql`select private.configure('http://127.0.0.1:9/functions/v1', ${secret})`;
    const [sent] = await db.sql`select private.nudge('google') as sent`;
    expect(sent!.sent).toBe(true);
    const [row] = await db.sql`select count(*)::integer as waiting from net.http_request_queue`;
    expect(row!.waiting).toBe(1);
    const [config] = await db.admin`select sealed::text from private.app_config where key = 'nudge_secret'`;
    expect(config!.sealed).not.toContain(secret.slice(6));
  });
});
