/**
 * Microsoft on one machine: identity platform v2.0, Graph calendar, batch and change notifications, faithful enough
 * that a client cannot tell. No socket and no clock of its own: `fetch` takes a request and gives the answer.
 */
import { type Answer, toResponse } from '../core/answers.ts';
import { CallLog, type LoggedCall } from '../core/call_log.ts';
import { control, CONTROL_PATH } from '../core/control.ts';
import { Emulator } from '../core/emulator.ts';
import type { GiveUp } from '../core/misbehave.ts';
import { Parallel } from '../core/parallel.ts';
import { ACCOUNTS, CALENDARS } from './accounts.ts';
import { answerBatch, BATCH_PATH } from './batch.ts';
import { DeltaTokens } from './delta_tokens.ts';
import { GraphError } from './errors.ts';
import { newFaults } from './fault_actions.ts';
import { Graph, GRAPH_PATH } from './graph.ts';
import { Grants } from './grants.ts';
import { answerOAuth } from './oauth_endpoints.ts';
import { ownRoute } from './own_controls.ts';
import { addEvent, changeEvent } from './page_changes.ts';
import { agendaPage, eventPage, newEventPage } from './pages.ts';
import type { Scene } from './scene.ts';
import type { Session } from './session.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { type EmulatorState, readState } from './state.ts';
import { Subscriptions } from './subscriptions.ts';
import { Throttle } from './throttle.ts';
import { underFaults } from './under_faults.ts';
import { World } from './world.ts';

/** With what acts on it. */
interface Running extends Session {
  readonly graph: Graph;
  /** Counts token answers. */
  readonly turn: () => number;
}

export class MicrosoftEmulator extends Emulator<Settings, Running> {
  protected noticesOf({ subscriptions }: Running): Subscriptions {
    return subscriptions;
  }

  protected lasting({ scene: { world }, grants, tokens, subscriptions }: Running) {
    return { world, grants, tokens, subscriptions };
  }

  /** The person or an administrator ends the app's grant; refreshes answer that AADSTS number from then on. */
  revoke(email: string, aadsts?: number): void {
    this.session.grants.revokeAccount(email, aadsts);
  }

  /** An access token with which to act as the person at Outlook itself: no limits, no faults, not in the log. */
  userToken(email: string): string {
    const scopes = ['openid', 'profile', 'email', 'User.Read', 'Calendars.ReadWrite'];
    return this.session.grants.issueAccess(this.knownAccount(email), scopes, this.now(), 'user').token;
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
    this.session.timing.requests++;
    return toResponse(await this.#route(request, url, this.giveUp(request)));
  }

  async #route(request: Request, asked: URL, giveUp: GiveUp): Promise<Answer> {
    const { session, client: { publicUrl } } = this;
    const { pathname, search } = asked;
    const url = publicUrl === undefined ? asked : new URL(`${publicUrl}${pathname}${search}`);
    if (pathname === BATCH_PATH && request.method === 'POST') {
      if (this.settings.latencyMs > 0) await session.sleep(this.settings.latencyMs);
      const work = () => answerBatch(request, url.origin, session.graph, session, giveUp);
      return await underFaults('batch', request, url, session, giveUp, null, work);
    }
    if (pathname.startsWith(GRAPH_PATH)) {
      const body = await request.text();
      return await session.graph.handle({
        verb: request.method,
        url,
        headers: request.headers,
        body,
        inBatch: false,
        giveUp,
      });
    }
    const parts = { session, client: this.client, idTokens: this.idTokens, turn: session.turn, giveUp };
    const oauth = await answerOAuth(request, url, parts);
    if (oauth) return oauth;
    const shown = await this.#page(request, url);
    if (shown) return shown;
    // Browsers ask for it by themselves.
    if (pathname === '/favicon.ico') return { status: 204 };
    const what = `There is no ${request.method} ${pathname}`;
    session.violations.push({ side: 'request', method: request.method, what });
    return new GraphError(404, 'BadRequest', { message: what }).answer();
  }

  /** The pages for people; null for any other address. */
  async #page(request: Request, { pathname, searchParams }: URL): Promise<Answer | null> {
    const { scene } = this.session;
    const form = async () => new URLSearchParams(await request.text());
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        return agendaPage(scene, this.now(), searchParams);
      case 'GET /calendar/item':
        return eventPage(scene, searchParams);
      case 'POST /calendar/item':
        return await changeEvent(this, searchParams, await form());
      case 'GET /calendar/new':
        return newEventPage(scene, this.now(), searchParams);
      case 'POST /calendar/new':
        return await addEvent(this, searchParams, await form());
      default:
        return null;
    }
  }

  protected newSession(): Running {
    const settings = defaultSettings();
    const clock = this.newClock();
    const world = new World(ACCOUNTS, CALENDARS);
    const subscriptions = new Subscriptions({
      settings,
      world,
      deliver: this.deliver,
      now: clock.now,
      clientId: this.client.clientId,
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
    const session: Session = {
      scene,
      grants: new Grants(settings, () => this.random(32)),
      throttle: new Throttle(settings),
      parallel: new Parallel(),
      faults: newFaults(),
      tokens: new DeltaTokens(() => this.random(18)),
      subscriptions,
      log,
      violations: [],
      ...clock,
    };
    let turn = 0;
    return { ...session, graph: new Graph(session), turn: () => ++turn };
  }
}
