/**
 * Stands in for the hosted platform in tests of `npm run deploy`: the Management API over HTTP, in the shapes that its
 * reference documents, with a real Postgres behind it; and programs on PATH that record what they are called with. Every call
 * that may change something is counted, and one of them can be made to fail, before or after it has done its work.
 */
import { join } from 'node:path';
import type postgres from 'postgres';
import { digestOf } from '../../scripts/deploy/plan.ts';

export const REF = 'abcdefghijklmnopqrst';
export const TOKEN = 'sbp_' + '0123456789abcdef'.repeat(2) + '01234567';
export const PUBLISHABLE_KEY = 'sb_publishable_stand_in';
export const SECRET_KEY = 'sb_secret_stand_in';

export interface Failing {
  /** Counted from 0. */
  readonly call: number;
  /** Whether its work is done when it fails: the answer alone is lost. */
  readonly done: boolean;
}

export interface PlatformStandIn {
  readonly url: string;
  /** A PATH on which `supabase` and `npm` are the stand-ins. */
  readonly path: string;
  readonly secrets: Map<string, string>;
  /** Of functions, as they were deployed. */
  readonly functions: Set<string>;
  auth: { site_url: string | null; uri_allow_list: string | null };
  project: { region: string; status: string };
  /** Migrations that the CLI says it would push. */
  pending: string[];
  /** What was called that may change something, in order. */
  readonly calls: string[];
  failing: Failing | null;
  /** Forgets all. */
  reset(): void;
  stop(): Promise<void>;
}

/** Tells the stand-in with which arguments and variables it was run, prints its answer, and ends as it says. */
const PROGRAM = `#!/usr/bin/env bash
set -u
answer=$(curl -s -w '\\n%{http_code}' -H 'content-type: text/plain' \\
  --data-binary "$(basename "$0") $* $(env | grep '^VITE_' | sort | tr '\\n' ' ')" "$STAND_IN/program")
echo "\${answer%$'\\n'*}"
[ "\${answer##*$'\\n'}" = 200 ]
`;

export async function startPlatform(database: postgres.Sql): Promise<PlatformStandIn> {
  const folder = await Deno.makeTempDir({ prefix: 'cassius-platform-' });
  for (const name of ['supabase', 'npm']) await Deno.writeTextFile(join(folder, name), PROGRAM, { mode: 0o755 });

  const standIn: Omit<PlatformStandIn, 'url' | 'stop'> = {
    path: `${folder}:${Deno.env.get('PATH')}`,
    secrets: new Map(),
    functions: new Set(),
    auth: { site_url: null, uri_allow_list: null },
    project: { region: '', status: '' },
    pending: [],
    calls: [],
    failing: null,
    reset() {
      this.secrets.clear();
      this.functions.clear();
      this.auth = { site_url: 'http://localhost:3000', uri_allow_list: '' };
      this.project = { region: 'eu-west-3', status: 'ACTIVE_HEALTHY' };
      this.pending = ['20261121000100_extensions.sql'];
      this.calls.length = 0;
      this.failing = null;
    },
  };
  standIn.reset();

  async function changing(call: string, work: () => Promise<unknown> | unknown): Promise<Response | null> {
    const failing = standIn.failing?.call === standIn.calls.length ? standIn.failing : null;
    standIn.calls.push(call);
    if (failing?.done !== false) await work();
    return failing === null ? null : Response.json({ message: 'Internal server error' }, { status: 500 });
  }

  async function program(command: string): Promise<Response> {
    const [, name, rest] = /^(supabase|npm) (.*)$/.exec(command.trim())!;
    const failed = await changing(`${name} ${rest}`.trim(), () => {
      if (rest!.startsWith('db push --yes')) standIn.pending = [];
      if (!rest!.startsWith('functions deploy ')) return;
      for (const word of rest!.split(' ').slice(2)) if (!word.startsWith('-')) standIn.functions.add(word);
    });
    if (failed !== null) return failed;
    if (!rest!.startsWith('db push --dry-run')) return new Response('');
    return new Response(
      standIn.pending.length === 0
        ? 'Remote database is up to date.'
        : `Would push these migrations:\n${standIn.pending.map((name) => ` • ${name}`).join('\n')}`,
    );
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/program') return await program(await request.text());
    if (request.headers.get('authorization') !== `Bearer ${TOKEN}`) {
      return Response.json({ message: 'Unauthorized' }, { status: 401 });
    }
    const [, ref, path = ''] = /^\/v1\/projects\/([a-z]{20})(\/.*)?$/.exec(pathname) ?? [];
    if (ref !== REF) return Response.json({ message: 'Project not found' }, { status: 404 });
    switch (`${request.method} ${path}`) {
      case 'GET ':
        return Response.json({
          id: REF,
          ref: REF,
          organization_id: 'stand-in',
          organization_slug: 'stand-in',
          name: 'Cabinets',
          created_at: '2026-11-01T08:00:00Z',
          database: { host: `db.${REF}.supabase.co`, version: '17.4.1', postgres_engine: '17', release_channel: 'ga' },
          ...standIn.project,
        });
      case 'GET /secrets':
        return Response.json(
          [...standIn.secrets].map(([name, value]) => ({
            name,
            value: digestOf(value),
            updated_at: '2026-11-01T08:00:00Z',
          })),
        );
      case 'POST /secrets': {
        const values = await request.json() as Array<{ name: string; value: string }>;
        return await changing('POST /secrets', () => {
          for (const { name, value } of values) standIn.secrets.set(name, value);
        }) ?? new Response(null, { status: 201 });
      }
      case 'GET /api-keys': {
        const reveal = searchParams.get('reveal') === 'true';
        return Response.json([
          { name: 'anon', type: 'legacy', api_key: 'eyJ.anon', id: 'anon', prefix: null },
          { name: 'service_role', type: 'legacy', api_key: 'eyJ.service', id: 'service_role', prefix: null },
          { name: 'default', type: 'publishable', api_key: PUBLISHABLE_KEY, id: '1', prefix: 'sb_publishable_' },
          { name: 'default', type: 'secret', api_key: reveal ? SECRET_KEY : 'sb_secret_st···', id: '2', prefix: 'st' },
        ]);
      }
      case 'GET /config/auth':
        return Response.json({ ...standIn.auth, jwt_exp: 3600, disable_signup: false });
      case 'PATCH /config/auth': {
        const changes = await request.json();
        return await changing('PATCH /config/auth', () => {
          standIn.auth = { ...standIn.auth, ...changes };
        }) ?? Response.json(standIn.auth);
      }
      case 'POST /database/query': {
        const { query } = await request.json() as { query: string };
        let rows: unknown = [];
        const failed = await changing(`query ${query}`, async () => {
          rows = await database.unsafe(query);
        });
        return failed ?? Response.json(rows, { status: 201 });
      }
      default:
        return Response.json({ message: 'Cannot find it' }, { status: 404 });
    }
  }

  const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, answer);
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${server.addr.port}`,
    async stop() {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  });
}
