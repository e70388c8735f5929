/**
 * Google on one machine: OAuth, Calendar v3, batch and push, faithful enough that a client cannot tell.
 * No socket and no clock of its own: `fetch` takes a request and gives the answer.
 */
import { holderOf } from '../core/bearer.ts';
import { CallLog } from '../core/call_log.ts';
import { control, CONTROL_PATH } from '../core/control.ts';
import { Emulator } from '../core/emulator.ts';
import type { GiveUp } from '../core/misbehave.ts';
import { Parallel } from '../core/parallel.ts';
import { ACCOUNTS, CALENDARS } from './accounts.ts';
import { type Answer, Failure, toResponse } from './answers.ts';
import { API_PATH, type ApiParts, CalendarApi } from './api.ts';
import { answerBatch, BATCH_PATH } from './batch_endpoint.ts';
import { Channels } from './channels.ts';
import { Cursors } from './cursors.ts';
import { newFaults } from './faults.ts';
import { Grants } from './grants.ts';
import { answerOAuth } from './oauth_endpoints.ts';
import { ownRoute } from './own_controls.ts';
import { addEvent, changeEvent } from './page_changes.ts';
import { agendaPage, eventPage, newEventPage } from './pages.ts';
import { Quota } from './quota.ts';
import type { Scene } from './scene.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { type EmulatorState, readState } from './state.ts';
import { underFaults } from './under_faults.ts';
import { World } from './world.ts';

const ID_LETTERS = '0123456789abcdefghijklmnopqrstuv';

/** Everything that a reset throws away. */
interface Session extends ApiParts {
  readonly api: CalendarApi;
}

export class GoogleEmulator extends Emulator<Settings, Session> {
  protected noticesOf({ channels }: Session): Channels {
    return channels;
  }

  protected lasting({ scene: { world }, grants, cursors, channels }: Session) {
    return { world, grants, cursors, channels };
  }

  /** An access token with which to act as the person at Google's own calendar: no quota, no faults, not in the log. */
  userToken(email: string): string {
    const scopes = [
      'openid',
      'https://www.googleapis.com/auth/userinfo.email',
      'https://www.googleapis.com/auth/calendar',
    ];
    return this.session.grants.issueAccess(this.knownAccount(email), scopes, this.now(), {
      actor: 'user',
      offline: false,
    }).token;
  }

  state(): EmulatorState {
    return readState(this);
  }

  /** Answers one HTTP request. Rejects with `ConnectionDropped` where a fault cuts the connection. */
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname.startsWith(CONTROL_PATH)) {
      return toResponse(await control(this, request, url, (route, fields) => ownRoute(this, route, fields)));
    }
    const giveUp = this.giveUp(request);
    const { timing, sleep, parallel, grants, scene: { world, settings } } = this.session;
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
      return await this.session.api.handle({
        verb: request.method,
        target,
        headers: request.headers,
        body,
        inBatch: false,
        giveUp,
      });
    }
    if (pathname === BATCH_PATH && request.method === 'POST') {
      const boundary = `batch_${this.random(18)}`;
      const work = () => answerBatch(request, this.session, giveUp, boundary);
      return await underFaults('batch', request, url, { ...this.session, giveUp }, null, work);
    }
    const session = { ...this.session, client: this.client, idTokens: this.idTokens, giveUp };
    const oauth = await answerOAuth(request, url, session);
    if (oauth) return oauth;
    const shown = await this.#page(request, url);
    if (shown) return shown;
    // Browsers ask for it by themselves.
    if (pathname === '/favicon.ico') return { status: 204 };
    this.session.violations.push({
      side: 'request',
      method: request.method,
      what: `There is no ${request.method} ${pathname}`,
    });
    return new Failure(404, 'notFound').answer();
  }

  /** The pages for people; null for any other address. */
  async #page(request: Request, { pathname, searchParams }: URL): Promise<Answer | null> {
    const { scene } = this.session;
    const form = async () => new URLSearchParams(await request.text());
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        return agendaPage(scene, this.now(), searchParams);
      case 'GET /calendar/event':
        return eventPage(scene, searchParams);
      case 'POST /calendar/event':
        return await changeEvent(this, searchParams, await form());
      case 'GET /calendar/new':
        return newEventPage(scene, this.now(), searchParams);
      case 'POST /calendar/new':
        return await addEvent(this, searchParams, await form());
      default:
        return null;
    }
  }

  protected newSession(): Session {
    const settings = defaultSettings();
    const clock = this.newClock();
    const channels = new Channels(settings, this.deliver, clock.now);
    const scene: Scene = {
      world: new World(ACCOUNTS, CALENDARS, this.now()),
      settings,
      mails: [],
      publicUrl: this.client.publicUrl ?? 'https://www.google.com',
      newId,
      changed: (calendar) => channels.notify(calendar),
    };
    const parts: ApiParts = {
      scene,
      grants: new Grants(settings, () => this.random(48)),
      quota: new Quota(),
      faults: newFaults(),
      cursors: new Cursors(),
      channels,
      log: new CallLog(),
      violations: [],
      parallel: new Parallel(),
      ...clock,
    };
    return { ...parts, api: new CalendarApi(parts) };
  }
}

function newId(length: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => ID_LETTERS[byte % 32]).join('');
}
