/**
 * Calls of database functions, as PostgREST answers them. `@supabase/lite` hands a jsonb argument on as a string, hides the codes of errors
 * and takes a round trip for each setting: functions live on these calls, so this path is ours and everything else stays the package's.
 */
import postgres from 'postgres';
import type { SessionTokens } from './session_tokens.ts';
import type { StackSecrets } from './secrets.ts';

interface Signature {
  readonly text: string;
  readonly returnsVoid: boolean;
  /** The function's own `statement_timeout`, or null for the role's. PostgREST sets it before the call: inside it would be late. */
  readonly timeout: string | null;
}

export interface RpcServer {
  /** Answers `POST /rest/v1/rpc/<name>` with named JSON arguments; null for anything else, and for keys or tokens to be refused. */
  handle(request: Request): Promise<Response | null>;
  reload(): void;
  stop(): Promise<void>;
}

export function startRpc(options: { restDbUrl: string; secrets: StackSecrets; tokens: SessionTokens }): RpcServer {
  const { secrets, tokens } = options;
  const sql = postgres(options.restDbUrl, {
    max: 10, // PostgREST's own `db-pool`
    onnotice: () => {},
    connection: { application_name: 'local rpc' },
  });
  const signatures = new Map<string, Signature>();

  async function signatureOf(name: string, given: string[]): Promise<Signature | null> {
    const key = JSON.stringify([name, ...given.toSorted()]);
    const known = signatures.get(key);
    if (known) return known;
    const found = await findSignature(sql, name, given);
    if (found) signatures.set(key, found);
    return found;
  }

  async function call(signature: Signature, claims: Record<string, unknown>, body: string): Promise<string | null> {
    const connection = await sql.reserve();
    try {
      // sent without waiting for each other: one round trip for the lot
      const [, , rows] = await Promise.all([
        connection`begin`,
        connection`select set_config('role', ${String(claims.role)}, true), set_config('request.jwt.claims', ${
          JSON.stringify(claims)
        }, true), set_config('statement_timeout', coalesce(${signature.timeout}, current_setting('statement_timeout')), true)`,
        connection.unsafe<{ result: string | null }[]>(signature.text, [body], { prepare: true }),
      ].map((query) => query.execute()));
      await connection`commit`;
      return (rows?.[0] as { result: string | null } | undefined)?.result ?? null;
    } catch (error) {
      await connection`rollback`.catch(() => {});
      throw error;
    } finally {
      connection.release();
    }
  }

  return {
    async handle(request) {
      const url = new URL(request.url);
      const [, name] = url.pathname.match(/^\/rest\/v1\/rpc\/([a-z_][a-z0-9_]*)$/i) ?? [];
      if (name === undefined || request.method !== 'POST' || url.search !== '' || !plainJson(request)) return null;
      const claims = await identify(request, secrets, tokens);
      if (claims === null) return null;
      const body = await request.clone().text() || '{}'; // a clone: what is not answered here goes on to the package
      const given = argumentNames(body);
      const signature = given && await signatureOf(name, given);
      if (!signature) return null;
      try {
        const result = await call(signature, claims, body);
        return signature.returnsVoid
          ? new Response(null, { status: 204, headers: CORS })
          : answer(result ?? 'null', 200);
      } catch (error) {
        if (!(error instanceof postgres.PostgresError)) throw error;
        if (error.code === '42883' || error.code === '42804') signatures.clear(); // the function may have changed under us
        const { code, message, detail, hint } = error;
        const problem = { code, details: detail ?? null, hint: hint ?? null, message };
        return answer(JSON.stringify(problem), statusOf(code, claims.role !== 'anon'));
      }
    },
    reload: () => signatures.clear(),
    stop: () => sql.end({ timeout: 1 }),
  };
}

const CORS = { 'access-control-allow-origin': '*' };

function answer(body: string, status: number): Response {
  return new Response(body, { status, headers: { ...CORS, 'content-type': 'application/json; charset=utf-8' } });
}

function plainJson(request: Request): boolean {
  const accept = request.headers.get('accept') ?? '*/*';
  return (accept.includes('*/*') || accept === 'application/json') &&
    ['public', null].includes(request.headers.get('content-profile')) &&
    (request.headers.get('content-type') ?? 'application/json').startsWith('application/json');
}

/** The claims a call runs with, or null when the key or the token is not good: the REST server then says why. */
async function identify(
  request: Request,
  secrets: StackSecrets,
  tokens: SessionTokens,
): Promise<Record<string, unknown> | null> {
  const key = request.headers.get('apikey');
  const role = key === secrets.secretKey ? 'service_role' : key === secrets.publishableKey ? 'anon' : null;
  if (role === null) return null;
  if (role === 'service_role' && request.headers.get('user-agent')?.startsWith('Mozilla/')) return null;
  const [, token] = request.headers.get('authorization')?.match(/^Bearer\s+(.+)$/i) ?? [];
  if (token === undefined || token === key || token.startsWith('sb_')) return { role };
  return await tokens.claims(token);
}

function argumentNames(body: string): string[] | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : null;
  } catch {
    return null;
  }
}

/** The one overload that takes these names and needs no other, as a statement with the JSON arguments as $1. */
async function findSignature(sql: postgres.Sql, name: string, given: string[]): Promise<Signature | null> {
  const found = await sql<
    { names: string[]; types: string[]; rettype: string; retset: boolean; composite: boolean; timeout: string | null }[]
  >`
    select
      (select split_part(c, '=', 2) from unnest(p.proconfig) c where c like 'statement_timeout=%') as timeout,
      coalesce(p.proargnames[1:p.pronargs], '{}') as names,
      array(select format_type(t, null) from unnest(p.proargtypes::oid[]) with ordinality as a (t, i) order by i) as types,
      format_type(p.prorettype, null) as rettype, p.proretset as retset, r.typtype = 'c' or p.prorettype = 'record'::regtype as composite
    from pg_proc p join pg_type r on r.oid = p.prorettype
    where p.pronamespace = 'public'::regnamespace and p.proname = ${name} and p.prokind = 'f' and p.provariadic = 0
      and ${given}::text[] <@ coalesce(p.proargnames[1:p.pronargs], '{}')
      and coalesce(p.proargnames[1:p.pronargs - p.pronargdefaults], '{}') <@ ${given}::text[]`;
  const [only, other] = found;
  if (!only || other || only.rettype === 'trigger') return null;
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const used = only.names.map((argument, index) => ({ argument, type: only.types[index]! })).filter((one) =>
    given.includes(one.argument)
  );
  const invoke = `public.${quote(name)}(${
    used.map((one) => `${quote(one.argument)} => a.${quote(one.argument)}`).join(', ')
  })`;
  const from = used.length === 0
    ? '(select $1::text) a'
    : `json_to_record($1::text::json) as a (${used.map((one) => `${quote(one.argument)} ${one.type}`).join(', ')})`;
  const returnsVoid = only.rettype === 'void';
  const { timeout } = only;
  if (only.retset) {
    const row = only.composite ? 'to_json(f)' : 'to_json(f.f)';
    return {
      text: `select coalesce(json_agg(${row}), '[]')::text as result from ${from}, lateral ${invoke} as f`,
      returnsVoid,
      timeout,
    };
  }
  return {
    text: `select ${returnsVoid ? `${invoke}::text` : `to_json(${invoke})::text`} as result from ${from}`,
    returnsVoid,
    timeout,
  };
}

/** PostgREST's table from SQLSTATE to HTTP status. */
function statusOf(code: string, signedIn: boolean): number {
  const exact: Record<string, number> = {
    '23503': 409,
    '23505': 409,
    '25006': 405,
    '42883': 404,
    '42P01': 404,
    '42P17': 500,
    '42501': signedIn ? 403 : 401,
    '53400': 500,
    P0001: 400,
  };
  if (exact[code] !== undefined) return exact[code];
  const custom = /^PT(\d{3})$/.exec(code)?.[1];
  if (custom !== undefined) return Number(custom);
  const classes: Record<string, number> = {
    '08': 503,
    '09': 500,
    '0L': 403,
    '0P': 403,
    '25': 500,
    '28': 403,
    '2D': 500,
    '53': 503,
  };
  const family = code.slice(0, 2);
  if (classes[family] !== undefined) return classes[family];
  return ['38', '39', '3B', '40', '54', '55', '57', '58', 'F0', 'HV', 'P0', 'XX'].includes(family) ? 500 : 400;
}
