/** One Graph call from its request line to its answer: identity, faults, limits, scopes, facts, handler. */
import { holderOf } from '../core/bearer.ts';
import { type Answer, isObject, type JsonObject } from '../core/answers.ts';
import { type GiveUp, misbehave } from '../core/misbehave.ts';
import { type MatchedRoute, parsedBody } from '../core/routes.ts';
import { decoded } from './decoded.ts';
import { dispatch } from './dispatch.ts';
import { codeOf, GraphError } from './errors.ts';
import { covers, type GraphRoute, matchMethod } from './facts.ts';
import { checkAnswer, checkRequest } from './facts_check.ts';
import { type FaultAction, refusalOf, usualCode } from './fault_actions.ts';
import { type Caller, callerOf } from './identity.ts';
import { addNovelties } from './novelties.ts';
import { occurrenceOf } from './occurrences.ts';
import { preferencesOf } from './prefer.ts';
import type { Call } from './scene.ts';
import type { Session } from './session.ts';
import { interfere } from './side_effects.ts';

export const GRAPH_PATH = '/v1.0/';

export interface GraphRequest {
  readonly verb: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  readonly inBatch: boolean;
  readonly giveUp: GiveUp;
}

export interface Subject {
  readonly method: MatchedRoute<GraphRoute>;
  /** Below `me`, whatever the request said. */
  readonly url: URL;
  readonly body: JsonObject | null;
  readonly holder: Caller | null;
}

export class Graph {
  readonly #session: Session;
  #answered = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Never throws for what a client did; may reject when a fault cuts the connection. */
  async handle(request: GraphRequest): Promise<Answer> {
    const { grants, scene, parallel } = this.#session;
    const holder = holderOf(request.headers, grants, scene.world);
    const work = () => this.#under(request, holder);
    if (!holder || holder.token.actor === 'user') return this.#sealed(await work(), request);
    const { email } = holder.account;
    const refuse = () => this.#tooManyAtOnce(request, email);
    const waiting = async () => {
      const { latencyMs, latencyPerPartMs } = scene.settings;
      const wait = request.inBatch ? latencyPerPartMs : latencyMs;
      if (wait > 0) await this.#session.sleep(wait);
      return await work();
    };
    return this.#sealed(await parallel.run(email, scene.settings.concurrencyPerMailbox, waiting, refuse), request);
  }

  /** Refused before it is read; it counts all the same. */
  #tooManyAtOnce(request: GraphRequest, account: string): Answer {
    const { throttle, log, now } = this.#session;
    const method = matchMethod(request.verb, request.url.pathname.slice(GRAPH_PATH.length));
    const answer = throttle.tooManyAtOnce(account, now()).answer();
    log.add({
      at: now(),
      method: typeof method === 'string' ? request.verb : method.name,
      status: answer.status,
      reason: codeOf(answer),
      account,
      calendarId: null,
      eventId: null,
      ifMatch: request.headers.has('if-match'),
      inBatch: request.inBatch,
    });
    return answer;
  }

  async #under(request: GraphRequest, holder: Caller | null): Promise<Answer> {
    const { scene, faults, log, now } = this.#session;
    const url = withMe(request.url, holder);
    const method = matchMethod(request.verb, url.pathname.slice(GRAPH_PATH.length));
    if (typeof method === 'string') return this.#unknown(request, method);
    const body = parsedBody(method.fact, request.body);
    const place = this.#placeOf(method, holder);
    const actor = holder?.token.actor ?? 'app';
    const account = holder?.account.email ?? null;
    const transaction = typeof body?.transactionId === 'string' ? body.transactionId : null;
    const eventId = method.path.eventId ?? transaction;
    const action = faults.pick({
      method: method.name,
      verb: request.verb,
      path: request.url.pathname + request.url.search,
      account,
      actor,
      calendar: place.calendarId,
      event: [...place.eventIds, ...(eventId === null ? [] : [eventId])],
      inBatch: request.inBatch,
    });
    interfere(action, { ...this.#session, account, calendarId: place.calendarId, event: place.event, now: now() });
    const answer = await this.#answer(request, { method, url, body, holder }, action);
    if (actor === 'app') {
      log.add({
        at: now(),
        method: method.name,
        status: answer.status,
        reason: codeOf(answer),
        account,
        calendarId: place.calendarId,
        eventId,
        ifMatch: request.headers.has('if-match'),
        inBatch: request.inBatch,
      });
    }
    return this.#fixed(answer, scene.settings.novelties ? method : null);
  }

  /** The calendar and the stored event that a path is about, whether or not it may be reached. */
  #placeOf(method: MatchedRoute<GraphRoute>, holder: Caller | null) {
    const { world } = this.#session.scene;
    const event = world.event(method.path.eventId ?? '');
    const ofOccurrence = event ? null : occurrenceOf(world, method.path.eventId ?? '');
    const fallback = method.name.startsWith('events.') && holder
      ? world.defaultCalendar(holder.account)?.id
      : undefined;
    const calendarId = event?.calendarId ?? ofOccurrence?.calendarId ?? method.path.calendarId ?? fallback ?? null;
    const eventIds = event
      ? [event.immutableId, event.restId, ...(event.transactionId ? [event.transactionId] : [])]
      : [];
    return { event, calendarId, eventIds };
  }

  async #answer(request: GraphRequest, subject: Subject, action: FaultAction): Promise<Answer> {
    const { grants, scene, throttle, now, timing, sleep } = this.#session;
    try {
      const caller = callerOf(request.headers, grants, scene.world, now());
      if (caller.token.actor === 'app') throttle.charge(caller.account.email, now());
      const place = {
        inBatch: request.inBatch,
        giveUp: request.giveUp,
        sleep,
        refusal: () => refusalOf(action, { inBatch: request.inBatch, oauth: false, now: now() }),
        failed: (status: number) => new GraphError(status, usualCode(status)).answer(),
      };
      const work = () => timing.measure(() => this.#perform(request, subject, caller, action));
      return await misbehave(action, place, work);
    } catch (error) {
      if (error instanceof GraphError) return error.answer();
      throw error;
    }
  }

  async #perform(request: GraphRequest, subject: Subject, caller: Caller, action: FaultAction): Promise<Answer> {
    const { scene, now } = this.#session;
    const { method, url, body } = subject;
    try {
      if (!covers(caller.token.scopes, method.fact.scopes)) throw new GraphError(403, 'ErrorAccessDenied');
      checkRequest(request, subject, this.#session);
      if (method.name !== 'me.get' && scene.settings.withoutMailbox.includes(caller.account.email)) {
        throw new GraphError(404, 'MailboxNotEnabledForRESTAPI');
      }
      const prefer = preferencesOf(request.headers);
      const call: Call = {
        scene,
        account: caller.account,
        method,
        url,
        query: url.searchParams,
        body: body ?? {},
        headers: request.headers,
        prefer,
        now: now(),
        emptyPage: action.emptyPage ?? false,
        cutList: action.cutList ?? Infinity,
      };
      const answer = checkAnswer(method, await dispatch(call, this.#session), this.#session);
      const applied: Record<string, string> = prefer.applied === null ? {} : { 'preference-applied': prefer.applied };
      return { ...answer, headers: { ...answer.headers, ...applied } };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      if (error.options.violation) {
        this.#session.violations.push({ side: 'request', method: method.name, what: error.message });
      }
      return error.answer();
    }
  }

  #unknown(request: GraphRequest, kind: 'path' | 'verb'): Answer {
    const { pathname } = request.url;
    const what = kind === 'path' ? `There is no ${pathname}` : `There is no ${request.verb} ${pathname}`;
    this.#session.violations.push({ side: 'request', method: request.verb, what });
    return new GraphError(kind === 'path' ? 400 : 405, 'BadRequest', { message: what }).answer();
  }

  #fixed(answer: Answer, novelFor: MatchedRoute<GraphRoute> | null): Answer {
    return novelFor === null || answer.status >= 300
      ? answer
      : { ...answer, body: addNovelties(novelFor, answer.body) };
  }

  /** Request ids, in the headers and in the body of errors. */
  #sealed(answer: Answer, request: GraphRequest): Answer {
    const id = `00000000-0000-4000-8000-${String(++this.#answered).padStart(12, '0')}`;
    const client = request.headers.get('client-request-id') ?? id;
    const headers = { 'request-id': id, 'client-request-id': client, ...answer.headers };
    if (!isObject(answer.body) || !isObject(answer.body.error)) return { ...answer, headers };
    const date = new Date(this.#session.now()).toISOString().slice(0, 19);
    const innerError = { date, 'request-id': id, 'client-request-id': client };
    return { ...answer, headers, body: { ...answer.body, error: { ...answer.body.error, innerError } } };
  }
}

/** `users/<id or address of the caller>` is another name of `me`. */
function withMe(url: URL, holder: Caller | null): URL {
  const match = /^\/v1\.0\/users\/([^/]+)(\/.*)?$/.exec(url.pathname);
  if (!match || !holder) return url;
  const name = decoded(match[1] ?? '').toLowerCase();
  if (name !== holder.account.email && name !== holder.account.objectId) return url;
  const own = new URL(url);
  own.pathname = `/v1.0/me${match[2] ?? ''}`;
  return own;
}
