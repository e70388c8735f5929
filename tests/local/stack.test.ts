import { createClient } from '@supabase/supabase-js';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { until } from './bare_database.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const SESSIONLESS = { auth: { persistSession: false, autoRefreshToken: false } };

describe('local stack', () => {
  let stateDir: string;
  let stack: Stack;
  let sql: postgres.Sql;

  beforeAll(async () => {
    stateDir = await Deno.makeTempDir({ prefix: 'cassius-test-' });
    stack = await startStack({ portBase: freePortBase(), web: false, quiet: true, stateDir, fresh: true });
    sql = postgres(stack.dbUrl, { max: 2, onnotice: () => {} });
    await sql.unsafe(`
      create function public.local_echo(p_value jsonb, p_names text[] default '{}') returns jsonb language sql as
        $$ select jsonb_build_object('type', jsonb_typeof(p_value), 'value', p_value, 'names', p_names, 'role', current_user) $$;
      create function public.local_refusal() returns jsonb language plpgsql as
        $$ begin raise exception 'refused' using errcode = 'CC001', detail = 'why', hint = 'how'; end $$;
      create function public.local_sleep() returns jsonb language sql set statement_timeout = '100ms' as
        $$ select to_jsonb(pg_sleep(5)::text) $$;
      create function public.local_timeout() returns jsonb language sql as
        $$ select to_jsonb(current_setting('statement_timeout')) $$;
      grant execute on function public.local_sleep(), public.local_timeout() to service_role;
      revoke execute on function public.local_echo(jsonb, text[]) from public;
      grant execute on function public.local_echo(jsonb, text[]) to service_role, authenticated;
      grant execute on function public.local_refusal() to service_role`);
  });
  afterAll(async () => {
    await sql?.end({ timeout: 1 });
    await stack?.stop();
    await Deno.remove(stateDir, { recursive: true });
  });

  const service = () => createClient(stack.apiUrl, stack.secretKey, SESSIONLESS);
  const visitor = () => createClient(stack.apiUrl, stack.publishableKey, SESSIONLESS);
  async function member(index: number) {
    const client = visitor();
    const { email, password } = stack.users[index]!;
    const { data, error } = await client.auth.signInWithPassword({ email, password });
    if (error) throw error;
    return { client, token: data.session.access_token };
  }
  const statusOf = (path: string, init?: RequestInit) =>
    fetch(stack.apiUrl + path, init).then(async (response) => {
      await response.body?.cancel();
      return { status: response.status, code: response.headers.get('sb-error-code') };
    });

  test('both demo logins sign in, and each sees only the rows of its own practice', async () => {
    for (const [index, user] of stack.users.entries()) {
      const { client } = await member(index);
      const organisations = await client.from('organisations').select('name');
      expect(organisations.data).toEqual([{ name: user.organisation }]);
      const rdv = await client.from('rdv').select('organisation_id, starts_at, patients(last_name)').not(
        'starts_at',
        'is',
        null,
      );
      expect(new Set(rdv.data?.map((row) => row.organisation_id)).size).toBe(1);
      expect(rdv.data?.length).toBeGreaterThan(20);
      expect(rdv.data?.[0]?.starts_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    }
  });

  test('a user’s token is signed with a public key that everybody can fetch', async () => {
    const { client, token } = await member(0);
    const header: unknown = JSON.parse(atob(token.split('.')[0]!));
    expect(header).toMatchObject({ alg: 'ES256' });
    const { data } = await client.auth.getClaims();
    expect(data?.claims).toMatchObject({
      email: stack.users[0]!.email,
      role: 'authenticated',
      iss: `${stack.apiUrl}/auth/v1`,
    });
  });

  test('a forged token is refused by tables and by functions of the database', async () => {
    const { token } = await member(0);
    const [head, , signature] = token.split('.');
    const claims = btoa(JSON.stringify({ role: 'service_role', exp: 4_000_000_000 })).replace(/=+$/, '');
    const headers = {
      apikey: stack.publishableKey,
      authorization: `Bearer ${head}.${claims}.${signature}`,
      'content-type': 'application/json',
    };
    expect((await statusOf('/rest/v1/rdv?select=id', { headers })).status).toBe(401);
    expect((await statusOf('/rest/v1/rpc/local_echo', { method: 'POST', headers, body: '{"p_value": 1}' })).status)
      .toBe(401);
  });

  test('JSON arguments of a call arrive as JSON, and the secret key runs as service_role', async () => {
    for (
      const [value, type] of [[{ a: [1, 'x'] }, 'object'], [['é', null], 'array'], ['text', 'string'], [
        5,
        'number',
      ]] as const
    ) {
      const { data } = await service().rpc('local_echo', { p_value: value, p_names: ['a', 'b"c'] });
      expect(data).toEqual({ type, value, names: ['a', 'b"c'], role: 'service_role' });
    }
    const { client } = await member(0);
    expect((await client.rpc('local_echo', { p_value: 1 })).data).toMatchObject({ role: 'authenticated' });
    expect((await visitor().rpc('local_echo', { p_value: 1 })).error).toMatchObject({ code: '42501' });
  });

  test('an error raised in the database reaches the caller with its code, detail and hint', async () => {
    const { error, status } = await service().rpc('local_refusal');
    expect(error).toMatchObject({ code: 'CC001', message: 'refused', details: 'why', hint: 'how' });
    expect(status).toBe(400);
  });

  test('a call ends at its function’s own timeout, which Postgres alone would not heed, or at that of the role', async () => {
    expect((await service().rpc('local_sleep')).error).toMatchObject({ code: '57014' });
    expect((await service().rpc('local_timeout')).data).toBe('8s');
  });

  test('serving requests grants nothing: anon and authenticated hold no right in private', async () => {
    await visitor().from('rdv').select('id');
    await service().rpc('local_echo', { p_value: 1 });
    const granted = await sql`
      select c.relname, r.rolname from pg_class c cross join pg_roles r
      where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'v') and r.rolname in ('anon', 'authenticated')
        and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')`;
    expect(granted).toEqual([]);
    const headers = { apikey: stack.secretKey, 'accept-profile': 'private' };
    expect((await statusOf('/rest/v1/app_config?select=key', { headers })).status).toBe(406);
  });

  test('a monitor with its token reads the health of this database, a person’s login does not', async () => {
    const metrics = (token: string) =>
      fetch(`${stack.apiUrl}/functions/v1/google-sync/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const answer = await metrics(stack.metricsToken);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const told = await answer.text();
    expect(told).toMatch(/^cassius_nudge_configured 1$/m);
    expect(told).toMatch(/^cassius_sealing_key_present 1$/m);
    expect(told).toMatch(/^cassius_due_appointments 0$/m);
    const { token } = await member(0);
    const refused = await metrics(token);
    expect(refused.status).toBe(401);
    expect(await refused.text()).not.toContain('cassius_');
  });

  test('a function that is killed starts again and answers', async () => {
    const before = stack.functionPids()['google-connect']!;
    Deno.kill(before, 'SIGKILL');
    await until(() => {
      const now = stack.functionPids()['google-connect'];
      return now !== undefined && now !== before;
    }, 'a new process');
    expect((await statusOf('/functions/v1/google-connect/status')).status).toBe(401);
  });

  test('while the functions are down callers get 503 with a code, and then answers again', async () => {
    await stack.stopFunctions();
    expect(await statusOf('/functions/v1/google-connect/status')).toEqual({ status: 503, code: 'BOOT_ERROR' });
    await stack.startFunctions();
    expect((await statusOf('/functions/v1/google-connect/status')).status).toBe(401);
    expect(await statusOf('/functions/v1/unknown')).toEqual({ status: 404, code: 'NOT_FOUND' });
  });

  test('what came for a function is counted, and nothing else', async () => {
    const before = stack.invocations();
    await statusOf('/functions/v1/google-sync/health');
    await statusOf('/functions/v1/microsoft-import/nowhere');
    await statusOf('/auth/v1/.well-known/jwks.json');
    expect(stack.invocations() - before).toBe(2);
  });

  test('stack.json holds what the contract lists, and only its owner can read it', async () => {
    const path = join(stateDir, 'stack.json');
    const facts = JSON.parse(await Deno.readTextFile(path)) as Record<string, unknown>;
    expect(Object.keys(facts).toSorted()).toEqual(
      ['apiUrl', 'dbUrl', 'google', 'microsoft', 'publishableKey', 'secretKey', 'users', 'webUrl'],
    );
    for (const file of ['stack.json', 'secrets.json']) {
      expect((await Deno.stat(join(stateDir, file))).mode! & 0o777).toBe(0o600);
    }
  });

  test('the seed can run again and changes nothing', async () => {
    const count = () =>
      sql`select (select count(*) from rdv)::int as rdv, (select count(*) from auth.users)::int as users`;
    const before = await count();
    await sql.unsafe(await Deno.readTextFile(join(ROOT, 'supabase', 'seed.sql')));
    expect(await count()).toEqual(before);
  });

  test('a second stack in the same state directory is refused while the first runs', async () => {
    await expect(startStack({ portBase: freePortBase(), web: false, quiet: true, stateDir })).rejects.toThrow(
      'another one works in',
    );
  });
});
