/** One Calendar API call from its request line to its answer: identity, faults, quota, scopes, facts, handler. */
import { holderOf } from '../core/bearer.ts';
import type { SharedSession } from '../core/emulator.ts';
import { seededRandom } from '../core/faults.ts';
import { type GiveUp, misbehave } from '../core/misbehave.ts';
import { parsedBody } from '../core/routes.ts';
import { type Answer, Failure, isObject, type JsonObject } from './answers.ts';
import { getCalendar, getListEntry, listCalendars } from './calendar_list.ts';
import type { LoggedCall } from './call_log.ts';
import type { Channels } from './channels.ts';
import type { Cursors } from './cursors.ts';
import { getEvent, listEvents, listInstances } from './event_reads.ts';
import {
  deleteEvent,
  importEvent,
  insertEvent,
  moveEvent,
  patchEvent,
  quickAddEvent,
  updateEvent,
} from './event_writes.ts';
import { type MatchedMethod, matchMethod } from './facts.ts';
import type { FaultAction } from './faults.ts';
import type { Grants } from './grants.ts';
import { type Caller, callerOf } from './identity.ts';
import { addNovelties } from './novelties.ts';
import { checkFields, selectFields } from './partial_answer.ts';
import type { Quota } from './quota.ts';
import { backendError, refusalOf } from './refusal.ts';
import type { Call, Scene } from './scene.ts';
import { covers } from './scopes.ts';
import { interfere } from './side_effects.ts';
import { checkQuery, checkResource } from './validation.ts';

export const API_PATH = '/calendar/v3/';

export interface ApiRequest {
  readonly verb: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
  readonly inBatch: boolean;
  readonly giveUp: GiveUp;
}

export interface ApiParts extends SharedSession<FaultAction, LoggedCall> {
  readonly scene: Scene;
  readonly grants: Grants;
  readonly quota: Quota;
  readonly cursors: Cursors;
  readonly channels: Channels;
}

const SHAPE_SEED = 7;

export class CalendarApi {
  readonly #parts: ApiParts;
  /** Errors come in the classic shape and in the front end's: a client must read both. */
  readonly #shape = seededRandom(SHAPE_SEED);

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  /** Never throws for what a client did; may reject when a fault cuts the connection. */
  async handle(request: ApiRequest): Promise<Answer> {
    const url = new URL(request.target, 'https://www.googleapis.com');
    const path = url.pathname.slice(API_PATH.length);
    const method = matchMethod(request.verb, path);
    if (typeof method === 'string') return this.#unknown(request, url, method);
    const { log, faults, now } = this.#parts;
    const holder = holderOf(request.headers, this.#parts.grants, this.#parts.scene.world);
    const calendarId = method.path.calendarId === 'primary'
      ? holder?.account.email ?? null
      : method.path.calendarId ?? null;
    const parsed = parsedBody(method.fact, request.body);
    const eventId = method.path.eventId ?? (typeof parsed?.id === 'string' ? parsed.id : null);
    const actor = holder?.token.actor ?? 'app';
    const action = faults.pick({
      method: method.name,
      verb: request.verb,
      path: request.target,
      account: holder?.account.email ?? null,
      actor,
      calendar: calendarId,
      event: eventId,
      inBatch: request.inBatch,
    });
    interfere(action, { ...this.#parts, account: holder?.account.email ?? null, calendarId, eventId, now: now() });
    const units = method.name === 'events.patch' ? this.#parts.scene.settings.patchUnits : 1;
    const answer = {
      ...await this.#answer(request, url, method, parsed, action, units),
      ...(url.searchParams.get('prettyPrint') === 'false' ? {} : { indent: 1 }),
    };
    if (actor === 'app') {
      if (method.name === 'events.insert' && answer.status === 200 && calendarId !== null && eventId !== null) {
        log.created(calendarId, eventId);
      }
      log.add({
        at: now(),
        method: method.name,
        status: answer.status,
        reason: reasonOf(answer),
        account: holder?.account.email ?? null,
        calendarId,
        eventId,
        sendUpdates: url.searchParams.get('sendUpdates'),
        ifMatch: request.headers.has('if-match'),
        inBatch: request.inBatch,
        units,
      });
    }
    return answer;
  }

  async #answer(
    request: ApiRequest,
    url: URL,
    method: MatchedMethod,
    body: JsonObject | null,
    action: FaultAction,
    units: number,
  ): Promise<Answer> {
    const place = {
      inBatch: request.inBatch,
      giveUp: request.giveUp,
      sleep: this.#parts.sleep,
      refusal: () => refusalOf(action, { inBatch: request.inBatch, oauth: false }),
      failed: backendError,
    };
    try {
      const { grants, quota, scene, now, timing } = this.#parts;
      const caller = callerOf(request.headers, grants, scene.world, now());
      if (caller.token.actor === 'app') quota.charge(caller.account.email, units, now(), scene.settings);
      return await misbehave(
        action,
        place,
        () => timing.measure(() => this.#perform(request, url, method, body, caller, action)),
      );
    } catch (error) {
      if (error instanceof Failure) return error.answer();
      throw error;
    }
  }

  async #perform(
    request: ApiRequest,
    url: URL,
    method: MatchedMethod,
    body: JsonObject | null,
    caller: Caller,
    action: FaultAction,
  ): Promise<Answer> {
    const { scene, now } = this.#parts;
    try {
      if (!covers(caller.token.scopes, method.fact.scopes)) throw insufficientScope(method);
      this.#checkRequest(request, url, method, body);
      const call: Call = {
        scene,
        account: caller.account,
        method,
        query: url.searchParams,
        body: body ?? {},
        headers: request.headers,
        now: now(),
        inBatch: request.inBatch,
        byApp: caller.token.actor === 'app',
        emptyPage: action.emptyPage ?? false,
        cutList: action.cutList,
      };
      return this.#checkAnswer(method, await this.#dispatch(call), url.searchParams.get('fields'));
    } catch (error) {
      if (error instanceof Failure) return error.answer();
      throw error;
    }
  }

  #dispatch(call: Call): Answer | Promise<Answer> {
    const { cursors, channels } = this.#parts;
    switch (call.method.name) {
      case 'events.insert':
        return insertEvent(call);
      case 'events.import':
        return importEvent(call);
      case 'events.quickAdd':
        return quickAddEvent(call);
      case 'events.get':
        return getEvent(call);
      case 'events.patch':
        return patchEvent(call);
      case 'events.update':
        return updateEvent(call);
      case 'events.delete':
        return deleteEvent(call);
      case 'events.move':
        return moveEvent(call);
      case 'events.list':
        return listEvents(call, cursors);
      case 'events.instances':
        return listInstances(call, cursors);
      case 'events.watch':
        return channels.watch(call);
      case 'channels.stop':
        return channels.stop(call);
      case 'calendarList.list':
        return listCalendars(call);
      case 'calendarList.get':
        return getListEntry(call);
      case 'calendars.get':
        return getCalendar(call);
      default:
        throw new Error(`Could not answer ${call.method.name}: no handler`);
    }
  }

  #checkRequest(request: ApiRequest, url: URL, method: MatchedMethod, body: JsonObject | null): void {
    const { strict } = this.#parts.scene.settings;
    const query = checkQuery(method, url.searchParams);
    const invalid = [...query.invalid];
    const unknown = [...query.unknown];
    if (method.fact.request !== undefined) {
      if (body === null) throw this.#violated(method.name, ['The request has no JSON body'], 'parseError');
      if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
        invalid.push('The body is not declared as JSON');
      }
      const resource = checkResource(method.fact.request, body, { side: 'request' });
      invalid.push(...resource.invalid);
      unknown.push(...resource.unknown);
    } else if (request.body !== '') unknown.push(`${method.name} takes no body`);
    if (strict) invalid.push(...unknown);
    const fields = url.searchParams.get('fields');
    if (method.fact.response !== undefined && fields !== null) {
      try {
        checkFields(method.fact.response, fields);
      } catch (error) {
        if (error instanceof Failure) this.#violated(method.name, [error.message], error.reason);
        throw error;
      }
    }
    if (invalid.length > 0) throw this.#violated(method.name, invalid, 'badRequest');
  }

  #violated(method: string, what: readonly string[], reason: string): Failure {
    for (const sentence of what) this.#parts.violations.push({ side: 'request', method, what: sentence });
    return new Failure(400, reason, { message: what.join('; '), form: this.#shape() < 0.5 ? 'errors' : 'both' });
  }

  #checkAnswer(method: MatchedMethod, answer: Answer, fields: string | null): Answer {
    const schema = method.fact.response;
    if (answer.status !== 200 || schema === undefined) return answer;
    const { invalid, unknown } = checkResource(schema, answer.body, { side: 'response' });
    for (const what of [...invalid, ...unknown]) {
      this.#parts.violations.push({ side: 'response', method: method.name, what });
    }
    if (invalid.length + unknown.length > 0) {
      throw new Error(`Could not answer ${method.name}: ${[...invalid, ...unknown].join('; ')}`);
    }
    const body = this.#parts.scene.settings.novelties ? addNovelties(schema, answer.body) : answer.body;
    return { ...answer, body: fields === null ? body : selectFields(body, fields) };
  }

  #unknown(request: ApiRequest, url: URL, kind: 'path' | 'verb'): Answer {
    const what = kind === 'path' ? `There is no ${url.pathname}` : `There is no ${request.verb} ${url.pathname}`;
    this.#parts.violations.push({ side: 'request', method: request.verb, what });
    if (!this.#parts.scene.settings.strict) return new Failure(kind === 'path' ? 404 : 405, 'notFound').answer();
    return new Failure(400, 'badRequest', { message: what }).answer();
  }
}

function insufficientScope(method: MatchedMethod): Failure {
  const [resource = '', name = ''] = method.name.split('.');
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return new Failure(403, 'insufficientPermissions', {
    form: 'both',
    detailReason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
    metadata: { method: `calendar.v3.${capital(resource)}.${capital(name)}` },
  });
}

function reasonOf(answer: Answer): string | null {
  const error = isObject(answer.body) ? answer.body.error : undefined;
  if (typeof error === 'string') return error;
  if (!isObject(error)) return null;
  const entry = [error.errors, error.details].flatMap((list) => (Array.isArray(list) ? list : [])).find(isObject);
  return typeof entry?.reason === 'string' ? entry.reason : null;
}
