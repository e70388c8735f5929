/** A person at the product's public contract: signed in, calling the functions, giving consent in a browser. */
import { createClient } from '@supabase/supabase-js';
import type { Stack } from '../../local/stack.ts';
import { expectDescribed } from './described_answers.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** How a person behaves on the provider's page, in the emulator's words; the default ticks everything. */
export interface ConsentOptions {
  readonly scopes?: string;
  readonly deny?: boolean;
  /** Drops `prompt=consent`, as if the provider had not been told to ask again. */
  readonly unprompted?: boolean;
  /** A page's origin makes the call a browser's, with a cookie. */
  readonly origin?: string;
  readonly redirectTo?: string;
}

export type ProviderName = 'google' | 'microsoft';

export class Person {
  private constructor(
    private readonly stack: Stack,
    readonly token: string,
    readonly userId: string,
    readonly provider: ProviderName = 'google',
  ) {}

  /** The same person at another provider's functions. */
  at(provider: ProviderName): Person {
    return new Person(this.stack, this.token, this.userId, provider);
  }

  static async signIn(stack: Stack, email: string): Promise<Person> {
    const user = stack.users.find((one) => one.email === email)!;
    const client = createClient(stack.apiUrl, stack.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const { data, error } = await client.auth.signInWithPassword({ email, password: user.password });
    if (error) throw error;
    return new Person(stack, data.session.access_token, data.user.id);
  }

  async call(path: string, { method, body, headers = {} }: CallOptions = {}): Promise<Answer> {
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    const answer = await fetch(`${this.stack.apiUrl}/functions/v1/${path}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${this.token}`,
        apikey: this.stack.publishableKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const read = text === '' ? null : JSON.parse(text);
    expectDescribed(verb, `/${path}`, answer, read);
    return { status: answer.status, headers: answer.headers, body: read };
  }

  /** Calls a function of the provider whose client this person uses: `connect/status`, `sync/sync-now`. */
  async use(path: string, options: CallOptions = {}): Promise<Answer> {
    return await this.call(`${this.provider}-${path}`, options);
  }

  /** Presses the button and decides on the provider's page: the address to which the provider then sends the browser. */
  async consent(account: string, options: ConsentOptions = {}): Promise<{ callback: URL; cookie: string | null }> {
    const begun = await this.use('connect/connect', {
      body: options.redirectTo ? { redirectTo: options.redirectTo } : {},
      headers: options.origin ? { origin: options.origin } : {},
    });
    if (begun.status !== 200) throw new Error(`Begin connecting: ${begun.body.error}`);
    const url = new URL(begun.body.url);
    if (options.deny) url.searchParams.set('__deny', '1');
    else url.searchParams.set('__approve', account);
    if (options.scopes) url.searchParams.set('__scopes', options.scopes);
    if (options.unprompted) url.searchParams.delete('prompt');
    const page = await fetch(url, { redirect: 'manual' });
    await page.body?.cancel();
    const location = page.headers.get('location');
    if (location === null) throw new Error(`Consent: the provider kept the browser (${page.status})`);
    return { callback: new URL(location), cookie: begun.headers.get('set-cookie')?.split(';')[0] ?? null };
  }

  /** The way through the consent page, and nothing more: what it leaves behind has not begun anything. */
  async grant(account: string, options: ConsentOptions = {}): Promise<Return> {
    const { callback, cookie } = await this.consent(account, options);
    return await comeBack(callback, cookie);
  }

  /** Connects and starts, as most people do. */
  async connect(account: string, options: ConsentOptions = {}): Promise<Return> {
    const back = await this.grant(account, options);
    if (back.result['result'] === 'connected') await this.start();
    return back;
  }

  /** Starts the export: the account's own calendar and everything shown, unless something else was chosen before. */
  async start(headers: Record<string, string> = {}): Promise<void> {
    const { body: { settings } } = await this.use('connect/status', { headers });
    if (settings.export_enabled) return;
    const { body: { calendars } } = await this.use('connect/calendars', { headers });
    const own = calendars.find(({ primary }: { primary: boolean }) => primary).id;
    const { status, body } = await this.use('connect/settings', {
      method: 'PATCH',
      headers,
      body: {
        calendar_target_id: settings.calendar_target_id ?? own,
        calendar_source_id: settings.calendar_source_id ?? own,
        event_detail: settings.event_detail ?? 'full',
        export_enabled: true,
      },
    });
    if (status !== 200) throw new Error(`Start the export: ${body.error}`);
  }
}

export interface Return {
  readonly status: number;
  /** Origin and path of the page that the browser is sent to. */
  readonly page: string;
  /** What its address tells the page, the fragment included. */
  readonly result: Record<string, string>;
}

/** What the browser does with the provider's redirect. */
export async function comeBack(callback: URL, cookie: string | null = null): Promise<Return> {
  const answer = await fetch(callback, { redirect: 'manual', headers: cookie ? { cookie } : {} });
  await answer.body?.cancel();
  expectDescribed('GET', callback.pathname.replace('/functions/v1', ''), answer, null);
  const page = new URL(answer.headers.get('location') ?? 'about:blank');
  const said = [...page.searchParams, ...new URLSearchParams(page.hash.slice(1))];
  return { status: answer.status, page: page.origin + page.pathname, result: Object.fromEntries(said) };
}

/** The emulators' controls. */
export const google = (stack: Stack, route: string, body?: unknown) => steer(stack.google.url, route, body);
export const microsoft = (stack: Stack, route: string, body?: unknown) => steer(stack.microsoft.url, route, body);

async function steer(url: string, route: string, body?: unknown) {
  const answer = await fetch(
    `${url}/__emulator/${route}`,
    body === undefined ? {} : {
      method: 'POST',
      body: JSON.stringify(body),
    },
  );
  if (!answer.ok) throw new Error(`Steer the emulator: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}
