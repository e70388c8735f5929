/**
 * Microsoft on one machine: identity platform v2.0, Graph calendar, batch and change notifications, faithful enough
 * that a client cannot tell. No socket and no clock of its own: `fetch` takes a request and gives the answer.
 */
import { type Answer, type JsonObject, toResponse } from '../core/answers.ts';
import { CallLog, type LoggedCall } from '../core/call_log.ts';
import { changeSettings } from '../core/change_settings.ts';
import { control, CONTROL_PATH } from '../core/control.ts';
import type { GiveUp } from '../core/misbehave.ts';
import { Parallel } from '../core/parallel.ts';
import { encode, IdTokens } from '../core/signing.ts';
import { Timing } from '../core/timing.ts';
import { ACCOUNTS, CALENDARS } from './accounts.ts';
import { answerBatch, BATCH_PATH } from './batch.ts';
import type { OAuthClient } from './consent.ts';
import { DeltaTokens } from './delta_tokens.ts';
import { GraphError } from './errors.ts';
import { type FaultRule, newFaults } from './fault_actions.ts';
import { Graph, GRAPH_PATH } from './graph.ts';
import { Grants } from './grants.ts';
import { answerOAuth } from './oauth_endpoints.ts';
import { ownRoute } from './own_controls.ts';
import { agendaPage, eventPage } from './pages.ts';
import type { Scene } from './scene.ts';
import type { Session } from './session.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { type EmulatorState, readState } from './state.ts';
import { Subscriptions } from './subscriptions.ts';
import { Throttle } from './throttle.ts';
import { underFaults } from './under_faults.ts';
import { World } from './world.ts';

export interface MicrosoftEmulatorOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  /** Milliseconds since the epoch; the clock control moves on top of it. */
  readonly now?: () => number;
  /** Delivers handshakes and notifications. */
  readonly deliver?: typeof fetch;
  /** Origin of links and of the issuer; that of each request where absent. */
  readonly publicUrl?: string;
}

export class MicrosoftEmulator {
  readonly #client: OAuthClient;
  readonly #baseNow: () => number;
  readonly #deliver: typeof fetch;
  readonly #publicUrl: string | null;
  readonly #idTokens = new IdTokens();
  readonly #stop = new AbortController();
  #clockOffset = 0;
  #turn = 0;
  #session: Session;
  #graph: Graph;

  constructor(options: MicrosoftEmulatorOptions) {
    this.#client = options;
    this.#baseNow = options.now ?? Date.now;
    this.#deliver = options.deliver ?? fetch;
    this.#publicUrl = options.publicUrl ?? null;
    this.#session = this.#newSession();
    this.#graph = new Graph(this.#session);
  }

  get settings(): Settings {
    return this.#session.scene.settings;
  }

  get session(): Session {
    return this.#session;
  }

  /** Milliseconds since the epoch, by the emulator's clock. */
  now(): number {
    return Math.floor(this.#baseNow() + this.#clockOffset);
  }

  advance(ms: number): void {
    this.#clockOffset += ms;
    this.#session.subscriptions.wake();
  }

  setNow(at: number): void {
    this.#clockOffset = at - this.#baseNow();
    this.#session.subscriptions.wake();
  }

  /** Forgets everything: data, tokens, faults, settings, logs, and the clock's offset. */
  reset(): void {
    this.#session.subscriptions.close();
    this.#clockOffset = 0;
    this.#turn = 0;
    this.#session = this.#newSession();
    this.#graph = new Graph(this.#session);
  }

  configure(changes: Partial<Settings> | JsonObject): void {
    changeSettings(this.settings, changes);
  }

  /** Arms a fault and gives its id. */
  addFault(rule: FaultRule): string {
    return this.#session.faults.add(rule);
  }

  clearFaults(id?: string): void {
    this.#session.faults.clear(id);
  }

  faults(): EmulatorState['faults'] {
    return this.#session.faults.list();
  }

  /** The person or an administrator ends the app's grant; refreshes answer that AADSTS number from then on. */
  revoke(email: string, aadsts?: number): void {
    this.#session.grants.revokeAccount(email, aadsts);
  }

  /** An access token with which to act as the person at Outlook itself: no limits, no faults, not in the log. */
  userToken(email: string): string {
    if (!this.#session.scene.world.accounts.has(email)) {
      throw new TypeError(`Could not mint a token: no account ${email}`);
    }
    const scopes = ['openid', 'profile', 'email', 'User.Read', 'Calendars.ReadWrite'];
    return this.#session.grants.issueAccess(email, scopes, this.now(), 'user').token;
  }

  state(): EmulatorState {
    return readState(this);
  }

  /** Ends every request that hangs on purpose, and all notifications. */
  stop(): void {
    this.#stop.abort();
    this.#session.subscriptions.close();
  }

  /** Answers one HTTP request. Rejects with `ConnectionDropped` where a fault cuts the connection. */
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname.startsWith(CONTROL_PATH)) {
      return toResponse(await control(this, request, url, (route, fields) => ownRoute(this, route, fields)));
    }
    this.#session.timing.requests++;
    const giveUp = () => AbortSignal.any([request.signal, this.#stop.signal]);
    return toResponse(await this.#route(request, url, giveUp));
  }

  async #route(request: Request, asked: URL, giveUp: GiveUp): Promise<Answer> {
    const session = this.#session;
    const { pathname, searchParams, search } = asked;
    const url = this.#publicUrl === null ? asked : new URL(`${this.#publicUrl}${pathname}${search}`);
    if (pathname === BATCH_PATH && request.method === 'POST') {
      if (this.settings.latencyMs > 0) await session.sleep(this.settings.latencyMs);
      const work = () => answerBatch(request, url.origin, this.#graph, session, giveUp);
      return await underFaults('batch', request, url, session, giveUp, null, work);
    }
    if (pathname.startsWith(GRAPH_PATH)) {
      const body = await request.text();
      return await this.#graph.handle({
        verb: request.method,
        url,
        headers: request.headers,
        body,
        inBatch: false,
        giveUp,
      });
    }
    const parts = { session, client: this.#client, idTokens: this.#idTokens, turn: () => ++this.#turn, giveUp };
    const oauth = await answerOAuth(request, url, parts);
    if (oauth) return oauth;
    if (request.method === 'GET' && pathname === '/') return agendaPage(session.scene, this.now(), searchParams);
    if (request.method === 'GET' && pathname === '/calendar/item') return eventPage(session.scene, searchParams);
    // Browsers ask for it by themselves.
    if (pathname === '/favicon.ico') return { status: 204 };
    const what = `There is no ${request.method} ${pathname}`;
    session.violations.push({ side: 'request', method: request.method, what });
    return new GraphError(404, 'BadRequest', { message: what }).answer();
  }

  #newSession(): Session {
    const settings = defaultSettings();
    const now = () => this.now();
    const timing = new Timing();
    const sleep = (ms: number) => timing.sleep(ms, this.#stop.signal);
    const world = new World(ACCOUNTS, CALENDARS);
    const subscriptions = new Subscriptions({
      settings,
      world,
      deliver: this.#deliver,
      now,
      clientId: this.#client.clientId,
      newId: () => crypto.randomUUID(),
    });
    const log = new CallLog<LoggedCall>();
    const scene: Scene = {
      world,
      settings,
      mails: [],
      created: (calendar, transactionId) => log.created(calendar.id, transactionId),
      changed: (calendar, event, kind) => subscriptions.notify(calendar, event, kind),
    };
    return {
      scene,
      grants: new Grants(settings, () => this.#random(32)),
      throttle: new Throttle(settings),
      parallel: new Parallel(),
      faults: newFaults(),
      tokens: new DeltaTokens(() => this.#random(18)),
      subscriptions,
      log,
      violations: [],
      now,
      timing,
      sleep,
    };
  }

  #random(bytes: number): string {
    return encode(crypto.getRandomValues(new Uint8Array(bytes)));
  }
}
