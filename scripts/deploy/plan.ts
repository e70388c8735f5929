/** What a deployment would change, from what is there: nothing here changes anything. */
import { createHash, randomBytes } from 'node:crypto';
import { callbackOf, noticesOf, providerOf } from '../project/functions.ts';
import { type AuthAddresses, NotReady } from '../project/platform.ts';

/** Asked for by the person, or left to what is there (null). */
export interface Wish {
  /** Address of the project, without a slash at its end. */
  readonly url: string;
  /** Address of the page, without a slash at its end. */
  readonly page: string | null;
  /** Where functions are asked to run. */
  readonly region: string;
  /** Values of the person's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Plan {
  /** To be set: known now, none of them the database's. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Made now, of `secrets`. */
  readonly made: readonly string[];
  /** There already, and left. */
  readonly kept: readonly string[];
  readonly functions: readonly string[];
  readonly providers: readonly string[];
  /** Providers without a client. */
  readonly leftOut: readonly string[];
}

/** As the platform digests secrets. */
export const digestOf = (value: string) => createHash('sha256').update(value).digest('hex');

/** Optional values of ours that a person may give. */
const OPTIONAL = ['METRICS_TOKEN', 'MICROSOFT_TENANT', 'SYNC_DEADLINE_MS', 'IMPORT_DEADLINE_MS'];

/**
 * @param digests of the secrets that the project has, by name
 * @param names of all functions
 * @throws {NotReady}
 */
export function planOf(wish: Wish, digests: ReadonlyMap<string, string>, names: readonly string[]): Plan {
  const { url, page, region, environment } = wish;
  const given = (name: string) => environment[name]?.trim() || null;
  const known = (name: string) => given(name) !== null || digests.has(name);
  const all = [...new Set(names.filter((name) => name.endsWith('-callback')).map(providerOf))];
  const clientOf = (provider: string) => ['ID', 'SECRET'].map((part) => `${provider.toUpperCase()}_CLIENT_${part}`);
  const providers = all.filter((provider) => clientOf(provider).some(known));
  if (providers.length === 0) {
    throw new NotReady(
      'No provider has a client yet. Make one in its console, and give it in the environment: ' +
        all.map((provider) => `${clientOf(provider).join(', ')} (redirect address ${callbackOf(url, provider)})`)
          .join('; or '),
    );
  }
  const missing = providers.flatMap(clientOf).filter((name) => !known(name));
  if (missing.length > 0) throw new NotReady(`Give in the environment: ${missing.join(', ')}`);
  if (page === null && !digests.has('APP_BASE_URL')) throw new NotReady('Say where the page will be: --page https://…');

  const wanted = new Map<string, string>();
  for (const name of [...providers.flatMap(clientOf), ...OPTIONAL]) {
    const value = given(name);
    if (value !== null) wanted.set(name, value);
  }
  if (page !== null) wanted.set('APP_BASE_URL', page);
  wanted.set('FUNCTIONS_REGION', region);
  for (const provider of providers) {
    wanted.set(`${provider.toUpperCase()}_REDIRECT_URI`, callbackOf(url, provider));
    // A provider calls from where it is, and functions run near whom calls them, unless the address says otherwise.
    wanted.set(`${provider.toUpperCase()}_WEBHOOK_URL`, `${noticesOf(url, provider)}?forceFunctionRegion=${region}`);
  }
  const made = new Map<string, string>();
  if (!known('OAUTH_STATE_SECRET')) made.set('OAUTH_STATE_SECRET', randomBytes(48).toString('base64'));

  const changed = [...wanted].filter(([name, value]) => digests.get(name) !== digestOf(value));
  const leftOut = all.filter((provider) => !providers.includes(provider));
  return {
    secrets: new Map([...changed, ...made]),
    made: [...made.keys()],
    kept: [...digests.keys()].filter((name) => !made.has(name) && !changed.some(([other]) => other === name)).sort(),
    functions: names.filter((name) => !leftOut.some((provider) => name.startsWith(`${provider}-`))),
    providers,
    leftOut,
  };
}

/** The platform's own default, which leads nowhere. */
const UNSET = new Set<unknown>([undefined, null, '', 'http://localhost:3000']);

/** What Auth has to be told for links of its mails to lead to the page; empty where it knows. Addresses of others stay. */
export function authChanges({ site_url, uri_allow_list }: AuthAddresses, page: string): Partial<AuthAddresses> {
  const allowed = (uri_allow_list ?? '').split(',').map((one) => one.trim()).filter((one) => one !== '');
  const login = `${page}/login`;
  return {
    ...(UNSET.has(site_url) ? { site_url: page } : {}),
    ...(allowed.includes(login) ? {} : { uri_allow_list: [...allowed, login].join(',') }),
  };
}
