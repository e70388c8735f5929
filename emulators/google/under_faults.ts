/** Endpoints other than the API calls themselves, under the same fault rules and in the same log. */
import { holderOf } from '../core/bearer.ts';
import { type GiveUp, misbehave } from '../core/misbehave.ts';
import { type Answer, isObject } from './answers.ts';
import type { ApiParts } from './api.ts';
import { backendError, refusalOf } from './refusal.ts';
import { interfere } from './side_effects.ts';

/** `account` is whose the request is about where no bearer token says so. */
export async function underFaults(
  method: string,
  request: Request,
  url: URL,
  session: ApiParts & { readonly giveUp: GiveUp },
  account: string | null,
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const { faults, log, grants, scene, sleep, giveUp, now } = session;
  const holder = holderOf(request.headers, grants, scene.world);
  const actor = holder?.token.actor ?? 'app';
  const email = holder?.account.email ?? account;
  const path = url.pathname + url.search;
  const place = { account: email, calendar: null, event: null, inBatch: false };
  const action = faults.pick({ method, verb: request.method, path, actor, ...place });
  interfere(action, { scene, grants, account: email, calendarId: null, eventId: null, now: now() });
  const refusal = () => refusalOf(action, { inBatch: false, oauth: method !== 'batch' });
  const answer = await misbehave(action, { inBatch: false, giveUp, sleep, refusal, failed: backendError }, work);
  if (actor === 'app') {
    log.add({
      at: now(),
      method,
      status: answer.status,
      reason: isObject(answer.body) && typeof answer.body.error === 'string' ? answer.body.error : null,
      account: email,
      calendarId: null,
      eventId: null,
      sendUpdates: null,
      ifMatch: false,
      inBatch: false,
      units: 0,
    });
  }
  return answer;
}
