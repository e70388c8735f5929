/**
 * Google on one machine: OAuth, Calendar v3, batch and push, faithful enough that a client cannot tell.
 * No socket and no clock of its own: `fetch` takes a request and gives the answer.
 */
import { CallLog } from '../core/call_log.ts';
import { changeSettings } from '../core/change_settings.ts';
import { control, CONTROL_PATH } from '../core/control.ts';
import type { GiveUp } from '../core/misbehave.ts';
import { Parallel } from '../core/parallel.ts';
import { encode, IdTokens } from '../core/signing.ts';
import { Timing } from '../core/timing.ts';
import { ACCOUNTS, CALENDARS } from './accounts.ts';
import { type Answer, Failure, toResponse } from './answers.ts';
import { API_PATH, type ApiParts, CalendarApi, type Violation } from './api.ts';
import { answerBatch, BATCH_PATH } from './batch_endpoint.ts';
import { Channels } from './channels.ts';
import type { OAuthClient } from './consent.ts';
import { Cursors } from './cursors.ts';
import { type FaultRule, newFaults } from './faults.ts';
import { Grants } from './grants.ts';
import { holderOf } from './identity.ts';
import { answerOAuth } from './oauth_endpoints.ts';
import { ownRoute } from './own_controls.ts';
import { agendaPage, eventPage } from './pages.ts';
import { Quota } from './quota.ts';
import type { Scene } from './scene.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { type EmulatorState, readState } from './state.ts';
import { underFaults } from './under_faults.ts';
import { World } from './world.ts';

const ID_LETTERS = '0123456789abcdefghijklmnopqrstuv';

export interface GoogleEmulatorOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  /** Milliseconds since the epoch; the clock control moves on top of it. */
  readonly now?: () => number;
  /** Delivers push notifications. */
  readonly deliver?: typeof fetch;
  /** Origin of the links in events. */
  readonly publicUrl?: string;
}

/** Everything that a reset throws away. */
interface Session extends ApiParts {
  readonly api: CalendarApi;
}

export class GoogleEmulator {
  readonly #client: OAuthClient;
  readonly #baseNow: () => number;
  readonly #deliver: typeof fetch;
  readonly #publicUrl: string;
  readonly #idTokens = new IdTokens();
  readonly #stop = new AbortController();
  #clockOffset = 0;
  #session: Session;

  constructor(options: GoogleEmulatorOptions) {
    this.#client = options;
    this.#baseNow = options.now ?? Date.now;
    this.#deliver = options.deliver ?? fetch;
    this.#publicUrl = options.publicUrl ?? 'https://www.google.com';
    this.#session = this.#newSession();
  }

  get settings(): Settings {
    return this.#session.scene.settings;
  }

  get session(): Omit<Session, 'api'> {
    return this.#session;
  }

  /** Milliseconds since the epoch, by the emulator's clock. */
  now(): number {
    return Math.floor(this.#baseNow() + this.#clockOffset);
  }

  advance(ms: number): void {
    this.#clockOffset += ms;
    this.#session.channels.wake();
  }

  setNow(at: number): void {
    this.#clockOffset = at - this.#baseNow();
    this.#session.channels.wake();
  }

  /** Forgets everything: data, tokens, faults, settings, logs, and the clock's offset. */
  reset(): void {
    this.#clockOffset = 0;
    this.#session.channels.close();
    this.#session = this.#newSession();
  }

  configure(changes: Partial<Settings>): void {
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

  /** An access token with which to act as the person at Google's own calendar: no quota, no faults, not in the log. */
  userToken(email: string): string {
    if (!this.#session.scene.world.accounts.has(email)) {
      throw new TypeError(`Could not mint a token: no account ${email}`);
    }
    const scopes = [
      'openid',
      'https://www.googleapis.com/auth/userinfo.email',
      'https://www.googleapis.com/auth/calendar',
    ];
    return this.#session.grants.issueAccess(email, scopes, this.now(), { actor: 'user', offline: false }).token;
  }

  state(): EmulatorState {
    return readState(this);
  }

  /** Ends every request that hangs on purpose, and every channel. */
  stop(): void {
    this.#session.channels.close();
    this.#stop.abort();
  }

  /** Answers one HTTP request. Rejects with `ConnectionDropped` where a fault cuts the connection. */
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname.startsWith(CONTROL_PATH)) {
      return toResponse(await control(this, request, url, (route, fields) => ownRoute(this, route, fields)));
    }
    const giveUp = () => AbortSignal.any([request.signal, this.#stop.signal]);
    const { timing, sleep, parallel, grants, scene: { world, settings } } = this.#session;
    timing.requests++;
    const answer = async () => {
      if (settings.latencyMs > 0) await sleep(settings.latencyMs);
      return await this.#route(request, url, giveUp);
    };
    const holder = holderOf(request.headers, grants, world);
    if (holder?.token.actor === 'user') return toResponse(await this.#route(request, url, giveUp));
    if (!holder) return toResponse(await answer());
    const tooMany = () => new Failure(403, 'rateLimitExceeded').answer();
    return toResponse(await parallel.run(holder.account.email, settings.parallelPerAccount, answer, tooMany));
  }

  async #route(request: Request, url: URL, giveUp: GiveUp): Promise<Answer> {
    const { pathname } = url;
    if (pathname.startsWith(API_PATH)) {
      const body = await request.text();
      const target = url.pathname + url.search;
      return await this.#session.api.handle({
        verb: request.method,
        target,
        headers: request.headers,
        body,
        inBatch: false,
        giveUp,
      });
    }
    if (pathname === BATCH_PATH && request.method === 'POST') {
      const boundary = `batch_${this.#random(18)}`;
      const work = () => answerBatch(request, this.#session, giveUp, boundary);
      return await underFaults('batch', request, url, { ...this.#session, giveUp }, null, work);
    }
    const session = { ...this.#session, client: this.#client, idTokens: this.#idTokens, giveUp };
    const oauth = await answerOAuth(request, url, session);
    if (oauth) return oauth;
    if (request.method === 'GET' && pathname === '/') {
      return agendaPage(this.#session.scene, this.now(), url.searchParams);
    }
    if (request.method === 'GET' && pathname === '/calendar/event') {
      return eventPage(this.#session.scene, url.searchParams);
    }
    // Browsers ask for it by themselves.
    if (pathname === '/favicon.ico') return { status: 204 };
    this.#session.violations.push({
      side: 'request',
      method: request.method,
      what: `There is no ${request.method} ${pathname}`,
    });
    return new Failure(404, 'notFound').answer();
  }

  #newSession(): Session {
    const settings = defaultSettings();
    const now = () => this.now();
    const timing = new Timing();
    const channels = new Channels(settings, this.#deliver, now);
    const scene: Scene = {
      world: new World(ACCOUNTS, CALENDARS, this.now()),
      settings,
      mails: [],
      publicUrl: this.#publicUrl,
      newId: (length) => this.#newId(length),
      changed: (calendar) => channels.notify(calendar),
    };
    const parts: ApiParts = {
      scene,
      grants: new Grants(settings, () => this.#random(48)),
      quota: new Quota(),
      faults: newFaults(),
      cursors: new Cursors(),
      channels,
      log: new CallLog(),
      violations: [] as Violation[],
      now,
      timing,
      parallel: new Parallel(),
      sleep: (ms) => timing.sleep(ms, this.#stop.signal),
    };
    return { ...parts, api: new CalendarApi(parts) };
  }

  #random(bytes: number): string {
    return encode(crypto.getRandomValues(new Uint8Array(bytes)));
  }

  #newId(length: number): string {
    return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => ID_LETTERS[byte % 32]).join('');
  }
}
