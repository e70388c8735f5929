/** A service that answers what a test says, for the built client: failures on demand, without a stack behind it. */
import type { BrowserContext, Route, WebSocketRoute } from 'playwright-core';
import { CONNECTION } from '../connection.ts';

export const ORGANISATION = '10000000-0000-4000-8000-000000000001';
const USER = 'c1a13e00-0000-4000-8000-000000000001';
const INTEGRATION = '30000000-0000-4000-8000-000000000001';
export const RUN = '40000000-0000-4000-8000-000000000001';
const NOW = new Date().toISOString();

export const STATUS = { ...CONNECTION, lastSyncAt: NOW, lastImportAt: NOW, eventsInAccount: 12 };

/** Connected, and nothing chosen yet: the grant is there, nothing else. */
export const UNSTARTED = {
  ...STATUS,
  targetCalendar: null,
  sourceCalendar: null,
  settings: {
    ...STATUS.settings,
    calendar_target_id: null,
    calendar_source_id: null,
    export_enabled: false,
    import_enabled: false,
    event_detail: null,
  },
  lastSyncAt: null,
  lastImportAt: null,
  eventsInAccount: 0,
};

const COUNTS = { created: 0, updated: 0, skipped: 3, cancelled: 0, failed: 0, conflicts: 0 };
export const RUN_ROW = {
  ...COUNTS,
  id: RUN,
  integration_id: INTEGRATION,
  direction: 'import',
  trigger: 'manual',
  mode: 'import',
  started_at: NOW,
  finished_at: NOW,
  window_from: NOW,
  window_to: NOW,
  error: null,
  deleted: 0,
  failures: [],
};

/** Signed in for an hour. */
export const SESSION = {
  access_token: 'stub-access-token',
  refresh_token: 'stub-refresh-token',
  token_type: 'bearer',
  expires_in: 3600,
  expires_at: Math.floor(Date.now() / 1000) + 3600,
  user: { id: USER, email: 'claire@cabinet-lumiere.test', aud: 'authenticated', role: 'authenticated' },
};

export interface StubAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text instead of JSON. */
  readonly text?: string;
  /** No answer: the connection breaks. */
  readonly offline?: boolean;
  /** Not before this is over. */
  readonly after?: Promise<unknown>;
}

/** The product's own shape of a refusal. */
export function refusal(status: number, error: string, message: string): StubAnswer {
  return { status, body: { error, step: 'drain', message, details: null, requestId: 'req-4711' } };
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  'GET functions/v1/google-connect/status': STATUS,
  'GET functions/v1/google-connect/calendars': {
    calendars: [
      { ...CONNECTION.targetCalendar, primary: true, canWrite: true, timeZone: 'Europe/Paris', color: null },
      { id: 'holidays', name: 'Jours fériés', primary: false, canWrite: false, timeZone: null, color: null },
    ],
  },
  'GET functions/v1/google-import/status': {
    enabled: true,
    running: null,
    lastImportAt: NOW,
    last: {
      runId: RUN,
      mode: 'import',
      trigger: 'manual',
      startedAt: NOW,
      finishedAt: NOW,
      window: { from: NOW, to: NOW },
      summary: COUNTS,
      error: null,
    },
    error: null,
    nextAt: NOW,
    push: 'live',
  },
  'GET rest/v1/organisation_members': [{
    id: '10000000-0000-4000-8000-00000000000a',
    user_id: USER,
    role: 'admin',
    display_name: 'Dr Claire Moreau',
    initials: null,
    color: 1,
    organisation: {
      id: ORGANISATION,
      name: 'Cabinet Lumière',
      timezone: 'Europe/Paris',
      event_title_template: '[Cassius] {type} — {patient}',
      event_language: 'fr',
      default_duration_minutes: 30,
    },
  }],
  'GET rest/v1/calendar_integrations': [{
    id: INTEGRATION,
    user_id: USER,
    provider: 'google',
    account_email: CONNECTION.account.email,
    status: 'connected',
    export_enabled: true,
    import_enabled: true,
    last_sync_at: NOW,
    created_at: NOW,
    disconnected_at: null,
    removing_events_since: null,
  }],
  'GET rest/v1/sync_runs': [RUN_ROW],
  'POST auth/v1/token': SESSION,
};

export class StubService {
  readonly #answers = new Map<string, StubAnswer>();
  readonly #sockets = new Set<{ socket: WebSocketRoute; topic: string; ids: Map<string, number> }>();
  /** `METHOD path` of every call, without its query. */
  readonly calls: string[] = [];
  /** What was sent, call by call. */
  readonly sent: Array<{ readonly call: string; readonly body: unknown }> = [];

  /**
   * From now on, or back to the usual with null. `*` answers every call; `METHOD path?part` those whose query has that part.
   * Nothing else may route these calls: where a page's route goes while a call is in it, Playwright asks here twice.
   */
  answer(call: string, answer: StubAnswer | null): void {
    if (answer === null) this.#answers.delete(call);
    else this.#answers.set(call, answer);
  }

  /** The bodies of all calls of a kind, oldest first. */
  bodies(call: string): unknown[] {
    return this.sent.filter((one) => one.call === call).map(({ body }) => body);
  }

  count(call: string): number {
    return this.calls.filter((one) => one === call).length;
  }

  async install(context: BrowserContext, options: { signedIn?: boolean; realtime?: boolean } = {}): Promise<void> {
    await context.route(/\/(functions|rest|auth)\/v1\//, (route) => this.#reply(route));
    await context.routeWebSocket(/\/realtime\/v1\//, (socket) => {
      if (options.realtime) this.#speak(socket);
      else void socket.close();
    });
    if (options.signedIn === false) return;
    await context.addInitScript((text) => {
      if (sessionStorage.getItem('test.signed-in') !== null) return;
      sessionStorage.setItem('test.signed-in', 'once');
      localStorage.setItem('cassius.session', text);
    }, JSON.stringify(SESSION));
  }

  /** What Realtime tells who listens when a row of the table changes. */
  announce(table: string): void {
    for (const { socket, topic, ids } of this.#sockets) {
      const data = {
        schema: 'public',
        table,
        type: 'UPDATE',
        commit_timestamp: new Date().toISOString(),
        columns: [],
        record: {},
        old_record: {},
        errors: null,
      };
      socket.send(JSON.stringify([null, null, topic, 'postgres_changes', { ids: [ids.get(table)], data }]));
    }
  }

  async #reply(route: Route): Promise<void> {
    const request = route.request();
    const { pathname, search } = new URL(request.url());
    const call = `${request.method()} ${pathname.slice(1)}`;
    const asked = [...this.#answers.keys()].find((key) =>
      key.startsWith(`${call}?`) && search.includes(key.slice(call.length + 1))
    );
    this.calls.push(call);
    const data = request.postData();
    this.sent.push({ call, body: data === null ? null : JSON.parse(data) });
    const { status = 200, body = DEFAULTS[call] ?? [], text, offline, after, headers = {} } =
      this.#answers.get(asked ?? call) ?? this.#answers.get('*') ?? {};
    await after;
    if (offline) return await route.abort('internetdisconnected');
    await route.fulfill({
      status,
      headers,
      contentType: text === undefined ? 'application/json' : 'text/html',
      body: text ?? JSON.stringify(body),
    });
  }

  /** Just enough of the protocol: joining, and the heartbeat. */
  #speak(socket: WebSocketRoute): void {
    socket.onMessage((message) => {
      const [joined, ref, topic, event, payload] = JSON.parse(String(message));
      const changes: Array<{ table: string }> = payload.config?.postgres_changes ?? [];
      const numbered = changes.map((change, index) => ({ ...change, id: index + 1 }));
      if (event === 'phx_join') {
        this.#sockets.add({ socket, topic, ids: new Map(numbered.map(({ table, id }) => [table, id])) });
      }
      const response = event === 'phx_join' ? { postgres_changes: numbered } : {};
      socket.send(JSON.stringify([joined, ref, topic, 'phx_reply', { status: 'ok', response }]));
    });
  }
}
