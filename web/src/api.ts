/** The functions' HTTP API, as the page uses it: one method a route, one error type. */
import type { Backend } from './config.ts';
import { asFailure, Failure, wasAborted } from './failure.ts';
import { errorMessage, language, t } from './i18n.ts';
import type { Provider } from './providers.ts';

export type EventDetail = 'full' | 'initials' | 'busy';
export type Scope = 'practitioner' | 'organisation';

export interface IntegrationSettings {
  readonly calendar_target_id: string | null;
  readonly export_enabled: boolean;
  readonly event_detail: EventDetail;
  readonly scope: Scope;
}

/** Of an account that was never connected, only `connected: false` counts. */
export interface IntegrationStatus {
  readonly connected: boolean;
  readonly status?: string | null;
  readonly account?: { readonly email: string | null } | null;
  readonly targetCalendar?: { readonly id: string; readonly name: string | null } | null;
  readonly settings?: IntegrationSettings | null;
  readonly lastSyncAt?: string | null;
  readonly pending?: number;
  readonly failed?: number;
  readonly lastError?: { readonly code: string; readonly message: string | null } | null;
  readonly removingEvents?: boolean;
}

export interface Calendar {
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly canWrite: boolean;
}

export interface SyncSummary {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly skipped: number;
  readonly failed: number;
  readonly remaining: number;
  readonly failures: ReadonlyArray<{ readonly rdvId: string; readonly reason: string }>;
}

export interface Api {
  /** The address of the provider's consent page. */
  connect(): Promise<string>;
  /** Ends a connection that came back without the browser's cookie: the signed-in user answers for it instead. */
  confirm(flow: string): Promise<void>;
  status(signal?: AbortSignal): Promise<IntegrationStatus>;
  calendars(): Promise<readonly Calendar[]>;
  change(settings: Partial<IntegrationSettings>): Promise<IntegrationStatus>;
  disconnect(removeEvents: boolean): Promise<void>;
  syncNow(): Promise<SyncSummary>;
  /** All failed appointments when no ids are given. */
  retry(rdvIds?: readonly string[]): Promise<void>;
}

export interface ApiOptions {
  readonly backend: Backend;
  readonly provider: Provider;
  readonly organisationId: string;
  /** The user's JWT; null when signed out. */
  readonly token: () => Promise<string | null>;
}

export function createApi({ backend, provider, organisationId, token }: ApiOptions): Api {
  const connect = `${provider.id}-connect`;
  const sync = `${provider.id}-sync`;

  async function call<T>(
    method: string,
    route: string,
    options: { body?: unknown; signal?: AbortSignal } = {},
  ): Promise<T> {
    const step = `${method} ${route}`;
    const jwt = await token();
    let response: Response;
    try {
      response = await fetch(`${backend.url}/functions/v1/${route}`, {
        method,
        // The functions bind a connection attempt to this browser with a cookie.
        credentials: 'include',
        headers: {
          'accept': 'application/json',
          'accept-language': language,
          'apikey': backend.publishableKey,
          'x-organisation-id': organisationId,
          ...(jwt === null ? {} : { authorization: `Bearer ${jwt}` }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (wasAborted(error)) throw error;
      throw asFailure(error, step);
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer as T;
    throw refusal(answer, response.status, step);
  }

  return {
    async connect() {
      const { url } = await call<{ url: string }>('POST', `${connect}/connect`, { body: {} });
      if (!/^https?:\/\//.test(url)) {
        throw new Failure(t.failure.unsafeAddress, { code: 'UNEXPECTED', step: `POST ${connect}/connect` });
      }
      return url;
    },
    async confirm(flow) {
      await call('POST', `${connect}/confirm`, { body: { flow } });
    },
    status: (signal) => call('GET', `${connect}/status`, signal === undefined ? {} : { signal }),
    async calendars() {
      return (await call<{ calendars: Calendar[] }>('GET', `${connect}/calendars`)).calendars;
    },
    change: (settings) => call('PATCH', `${connect}/settings`, { body: settings }),
    async disconnect(removeEvents) {
      await call('POST', `${connect}/disconnect`, { body: { removeEvents } });
    },
    syncNow: () => call('POST', `${sync}/sync-now`, { body: {} }),
    async retry(rdvIds) {
      await call('POST', `${sync}/retry`, { body: rdvIds === undefined ? {} : { rdvIds } });
    },
  };
}

/** The functions always answer with their error shape; a gateway in front of them may not. */
function refusal(answer: unknown, status: number, step: string): Failure {
  const body = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const text = (key: string) => typeof body[key] === 'string' ? body[key] as string : null;
  const code = text('error') ?? `HTTP_${status}`;
  return new Failure(text('message') ?? errorMessage(code, t.failure.unreadable), {
    code,
    step: text('step') ?? step,
    requestId: text('requestId'),
    providerCode: Object.entries(body).find(([key, value]) =>
      key.endsWith('Code') && typeof value === 'string'
    )?.[1] as string | undefined ?? null,
    details: body['details'],
  });
}
