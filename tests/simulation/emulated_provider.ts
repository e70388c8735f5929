/** What every provider in this process has in common: its adapter before its emulator, and the people who are signed in there. */
import type { ConnectionHandle } from '../../supabase/functions/_shared/providers/port/account.ts';
import type { CalendarEvent } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { NotificationRequest } from '../../supabase/functions/_shared/providers/port/notices.ts';
import type { OAuthProvider } from '../../supabase/functions/_shared/providers/port/provider.ts';
import type { SimulatedProvider } from './simulated_provider.ts';
import type { VirtualClock } from './virtual_clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Emulator {
  fetch(request: Request): Promise<Response>;
  reset(): void;
  userToken(email: string): string;
  clearFaults(): void;
  advance(ms: number): void;
  stop(): void;
  readonly session: {
    readonly grants: { expireAccessTokens(email: string): void };
    readonly scene: { readonly mails: readonly unknown[] };
    readonly violations: ReadonlyArray<{ readonly side: string; readonly method: string; readonly what: string }>;
  };
}

/** The notifications that were sent and not yet delivered. */
export class NoticeBox {
  #notices: NotificationRequest[] = [];

  /** Keeps what `answer` does not answer by itself. */
  deliver(answer: (notice: NotificationRequest) => Response | null = () => null): typeof fetch {
    return async (input, init) => {
      const request = new Request(input, init);
      const { method, headers } = request;
      const notice = { method, headers, url: new URL(request.url), body: await request.text() };
      const answered = answer(notice);
      if (answered) return answered;
      this.#notices.push(notice);
      return new Response(null, { status: 202 });
    };
  }

  take(): NotificationRequest[] {
    return this.#notices.splice(0);
  }
}

interface Options<E extends Emulator> {
  readonly emulator: E;
  readonly clock: VirtualClock;
  readonly notices: NoticeBox;
  readonly redirectUri: string;
  readonly adapterOver: (send: typeof fetch) => OAuthProvider;
}

type Common = Pick<
  SimulatedProvider,
  | 'reset'
  | 'adapter'
  | 'consent'
  | 'clearFaults'
  | 'expireAccessTokens'
  | 'wake'
  | 'takeNotices'
  | 'mails'
  | 'violations'
  | 'stop'
>;

export interface EmulatedProvider extends Common {
  /** The adapter without anything between. */
  readonly direct: OAuthProvider;
  handleOf(email: string): ConnectionHandle;
  /** One request of a person's own; throws with any answer but a good one. */
  asPerson(email: string, method: string, url: string, headers: HeadersInit, body?: unknown): Promise<Json>;
  /** Every page of the events in a wide window; `next` is null after the last. */
  allPages(read: (window: Window, pageToken: string | null) => Promise<Page>): Promise<CalendarEvent[]>;
}

type Json = Record<string, unknown>;
type Window = { from: string; to: string };
type Page = { readonly events: readonly CalendarEvent[]; readonly next: string | null };

/** A person sees what they write over: where it changed meanwhile, they look again. */
export async function untilNew(write: () => Promise<void>): Promise<void> {
  for (let looks = 1;; looks++) {
    try {
      return await write();
    } catch (error) {
      if (looks === 5 || !(error instanceof Error) || !error.message.includes(': 412 ')) throw error;
    }
  }
}

export function emulatedProvider<E extends Emulator>(options: Options<E>): EmulatedProvider {
  const { emulator, clock, notices, redirectUri, adapterOver } = options;
  const direct = adapterOver((input, init) => emulator.fetch(new Request(input, init)));
  const tokens = new Map<string, { token: string; until: number }>();
  const tokenOf = (email: string) => {
    const known = tokens.get(email);
    if (known && known.until > clock.now()) return known.token;
    const token = emulator.userToken(email);
    tokens.set(email, { token, until: clock.now() + HOUR / 2 });
    return token;
  };

  return {
    direct,
    handleOf: (email) => (
      { accessToken: () => Promise.resolve(tokenOf(email)), renew: () => Promise.resolve(tokenOf(email)) }
    ),
    async asPerson(email, method, url, headers, body) {
      const request = new Request(url, {
        method,
        headers: { ...headers, authorization: `Bearer ${tokenOf(email)}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await emulator.fetch(request);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
      return text === '' ? {} : JSON.parse(text);
    },
    async allPages(read) {
      const found: CalendarEvent[] = [];
      const window = {
        from: new Date(clock.now() - 100 * DAY).toISOString(),
        to: new Date(clock.now() + 500 * DAY).toISOString(),
      };
      let pageToken: string | null = null;
      do {
        const page: Page = await read(window, pageToken);
        found.push(...page.events);
        pageToken = page.next;
      } while (pageToken !== null);
      return found;
    },
    reset() {
      emulator.reset();
      tokens.clear();
      notices.take();
    },
    adapter({ gate, push }) {
      const provider = adapterOver((input, init) => gate(() => emulator.fetch(new Request(input, init))));
      return push ? provider : { ...provider, notices: null };
    },
    async consent({ email }) {
      const codeVerifier = 'v'.repeat(64);
      const codeChallenge = await s256(codeVerifier);
      const url = new URL(await direct.oauth.authorizationUrl({ redirectUri, state: 'state', codeChallenge }));
      url.searchParams.set('__approve', email);
      const back = new URL((await emulator.fetch(new Request(url))).headers.get('location') ?? '');
      const code = back.searchParams.get('code') ?? '';
      return await direct.oauth.completeAuthorization({ code, redirectUri, codeVerifier });
    },
    clearFaults: () => emulator.clearFaults(),
    expireAccessTokens: ({ email }) => emulator.session.grants.expireAccessTokens(email),
    wake: () => emulator.advance(0),
    takeNotices: () => notices.take(),
    mails: () => emulator.session.scene.mails,
    violations: () => emulator.session.violations.map(({ side, method, what }) => `${side} ${method}: ${what}`),
    stop: () => emulator.stop(),
  };
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
