/**
 * Supabase's Management API, as much of it as is used here: what the CLI does, it does. Its answers are held to the shapes
 * that its reference documents; the test's stand-in has them from there too, for no test has an account.
 */
import { z } from 'zod';

const project = z.object({ ref: z.string(), name: z.string(), region: z.string(), status: z.string() });
/** `value` is a digest: no secret is ever told. */
const secrets = z.array(z.object({ name: z.string(), value: z.string() }));
const keys = z.array(z.object({
  name: z.string(),
  type: z.enum(['legacy', 'publishable', 'secret']).nullish(),
  api_key: z.string().nullish(),
}));
const auth = z.object({ site_url: z.string().nullish(), uri_allow_list: z.string().nullish() });
const rows = z.array(z.record(z.string(), z.unknown()));

export type Project = z.output<typeof project>;
export type AuthAddresses = z.output<typeof auth>;

export interface Keys {
  readonly publishable: string | null;
  readonly secret: string | null;
}

/** What has to be there before anything can begin, with the one thing to do. */
export class NotReady extends Error {}

/** What the platform refused or did not answer, in words for the person who asked. */
export class PlatformError extends Error {}

const TIMEOUT_MS = 60_000;

const WHY: Readonly<Record<number, string>> = {
  401: 'SUPABASE_ACCESS_TOKEN is not accepted: make one at https://supabase.com/dashboard/account/tokens',
  403: 'the token may not do that to this project: its owner has to be an owner or administrator there',
  404: 'there is no such project, or the token cannot see it',
  429: 'too many requests: wait a minute',
};

export class Platform {
  /** @param url of the API, without a slash at its end; `token`: a personal access token */
  constructor(private readonly url: string, private readonly token: string, private readonly ref: string) {}

  project(): Promise<Project> {
    return this.#ask('GET', '', project);
  }

  /** Digests of the functions' secrets, by name. */
  async secretDigests(): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.#ask('GET', '/secrets', secrets)).map(({ name, value }) => [name, value]));
  }

  async setSecrets(values: ReadonlyMap<string, string>): Promise<void> {
    await this.#ask('POST', '/secrets', z.unknown(), [...values].map(([name, value]) => ({ name, value })));
  }

  /** The key named `default`, else the first of its kind, else the legacy one. */
  async keys(): Promise<Keys> {
    const found = await this.#ask('GET', '/api-keys?reveal=true', keys);
    const pick = (type: 'publishable' | 'secret', legacy: string) => {
      const ofType = found.filter((key) => key.type === type && key.api_key);
      const chosen = ofType.find(({ name }) => name === 'default') ?? ofType[0] ??
        found.find(({ name, api_key }) => name === legacy && api_key);
      return chosen?.api_key ?? null;
    };
    return { publishable: pick('publishable', 'anon'), secret: pick('secret', 'service_role') };
  }

  authAddresses(): Promise<AuthAddresses> {
    return this.#ask('GET', '/config/auth', auth);
  }

  async setAuthAddresses(addresses: Partial<AuthAddresses>): Promise<void> {
    await this.#ask('PATCH', '/config/auth', z.unknown(), addresses);
  }

  /** One statement, as the role that owns the database; no value of it may be a secret, for a failure is logged with it. */
  query(statement: string): Promise<z.output<typeof rows>> {
    return this.#ask('POST', '/database/query', rows, { query: statement });
  }

  async #ask<T>(method: string, path: string, shape: z.ZodType<T>, body?: unknown): Promise<T> {
    const what = `${method} /v1/projects/${this.ref}${path.replace(/\?.*/, '')}`;
    const response = await fetch(`${this.url}/v1/projects/${this.ref}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    if (response === null) throw new PlatformError(`${what}: no answer`);
    const text = await response.text().catch(() => null);
    if (text === null) throw new PlatformError(`${what}: the answer broke off`);
    // The answer is not told: it may quote what was sent.
    if (!response.ok) {
      throw new PlatformError(`${what}: ${WHY[response.status] ?? `the platform answers ${response.status}`}`);
    }
    const read = shape.safeParse(text === '' ? undefined : parsed(text));
    if (read.success) return read.data;
    throw new PlatformError(
      `${what}: the answer has another shape than documented (${read.error.issues[0]!.path.join('.')})`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const projectUrl = (ref: string) => `https://${ref}.supabase.co`;

/** @throws {NotReady} without a token, or for what is no project's name */
export function platformFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  ref: string,
): Platform {
  const token = environment.SUPABASE_ACCESS_TOKEN?.trim();
  if (!token) throw new NotReady(WHY[401]!.replace('is not accepted', 'is not set'));
  if (!/^[a-z]{20}$/.test(ref)) {
    throw new NotReady(`${ref} is no project: its name has twenty letters, as in its address`);
  }
  return new Platform(environment.SUPABASE_API_URL ?? 'https://api.supabase.com', token, ref);
}
