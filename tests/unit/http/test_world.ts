/** A world for functions under test: a clock that is moved, logs that are kept, a database that is a table of functions. */
import { z } from 'zod';
import type { Rpc } from '../../../supabase/functions/_shared/db/rpc.ts';
import type { World } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { type TokenAuthority, tokenAuthority } from './token_authority.ts';

export type FakeRpcs = Record<string, (args: Record<string, unknown>) => unknown>;

export const NOW = Date.parse('2026-11-21T08:00:00.000Z');
export const CLAIRE = '11111111-1111-4111-8111-111111111111';
export const MARC = '22222222-2222-4222-8222-222222222222';
export const NOBODY = '99999999-9999-4999-8999-999999999999';
export const LUMIERE = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
export const RIVOLI = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
export const ISSUER = 'https://project.supabase.test/auth/v1';
export const APP = 'https://app.cassius.test';
export const API = 'https://project.supabase.test/functions/v1';
export const NUDGE_SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;

const PRACTICES: Record<string, readonly string[]> = { [CLAIRE]: [LUMIERE], [MARC]: [RIVOLI, LUMIERE] };

export interface TestWorld extends World {
  readonly authority: TokenAuthority;
  readonly lines: string[];
  /** Work that went on after an answer. */
  readonly background: Promise<unknown>[];
  readonly clock: { now: number };
  /** Addresses of other functions that were woken. */
  readonly woken: string[];
  /** The platform ends this instance. */
  unload(): Promise<void>;
  readonly calls: { name: string; args: Record<string, unknown> }[];
  entries(): Record<string, unknown>[];
  /** `Authorization` of a person, good for an hour. */
  authorization(userId: string, claims?: Record<string, unknown>): Promise<string>;
}

export interface TestWorldOptions {
  readonly rpcs?: FakeRpcs;
  readonly environment?: Record<string, string | undefined>;
  /** The Auth server, which a token needs that the key set cannot judge; by default asking it fails the test. */
  readonly authServer?: (request: Request) => Response | Promise<Response>;
  /** Whether other functions answer when they are woken. */
  readonly wakeable?: boolean;
}

export async function testWorld(
  { rpcs = {}, environment = {}, authServer, wakeable = true }: TestWorldOptions = {},
): Promise<TestWorld> {
  const authority = await tokenAuthority();
  const lines: string[] = [];
  const background: Promise<unknown>[] = [];
  const clock = { now: NOW };
  const woken: string[] = [];
  const unloading: Array<() => Promise<void>> = [];
  const calls: { name: string; args: Record<string, unknown> }[] = [];
  const known: FakeRpcs = { practices_of: ({ p_user }) => PRACTICES[String(p_user)] ?? [], ...rpcs };
  const rpc: Rpc = async (name, args, schema) => {
    calls.push({ name, args });
    const answer = known[name];
    if (answer === undefined) throw new Error(`no such rpc: ${name}`);
    return z.parse(schema, await answer(args));
  };
  return {
    authority,
    lines,
    background,
    clock,
    calls,
    entries: () => lines.map((line) => JSON.parse(line)),
    environment: {
      SUPABASE_URL: 'https://project.supabase.test',
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_canary"}',
      SUPABASE_JWKS: authority.jwks,
      APP_BASE_URL: APP,
      NUDGE_SIGNING_SECRET: NUDGE_SECRET,
      OAUTH_STATE_SECRET: 'canary-state-secret-0123456789abcdef',
      ...environment,
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (authServer && request.url === `${ISSUER}/user`) return await authServer(request);
      if (!request.headers.has('webhook-signature')) throw new Error('no network in unit tests');
      woken.push(request.url);
      return new Response('{}', { status: wakeable ? 202 : 503 });
    },
    onUnload: (handler) => unloading.push(handler),
    async unload() {
      for (const handler of unloading) await handler();
    },
    woken,
    now: () => clock.now,
    write: (line) => lines.push(line),
    waitUntil: (work) => background.push(work),
    database: () => rpc,
    async authorization(userId, claims = {}) {
      const seconds = Math.floor(clock.now / 1000);
      const all = {
        sub: userId,
        role: 'authenticated',
        aud: 'authenticated',
        iss: ISSUER,
        iat: seconds,
        exp: seconds + 3600,
        ...claims,
      };
      return `Bearer ${await authority.token(all)}`;
    },
  };
}

/** For routes that make their own `Response`. */
export const TOLD = { summary: 'A route of a test', answer: 'What the test says' } as const;
