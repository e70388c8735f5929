/** Endpoints other than Graph's methods, under the same fault rules and in the same log. */
import { holderOf } from '../core/bearer.ts';
import { type Answer, isObject } from '../core/answers.ts';
import { type GiveUp, misbehave } from '../core/misbehave.ts';
import { codeOf, GraphError } from './errors.ts';
import { refusalOf, usualCode } from './fault_actions.ts';
import type { Session } from './session.ts';
import { interfere } from './side_effects.ts';

/** `account` is whose the request is about where no bearer token says so. */
export async function underFaults(
  method: string,
  request: Request,
  url: URL,
  session: Session,
  giveUp: GiveUp,
  account: string | null,
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const { faults, log, grants, scene, sleep, now } = session;
  const holder = holderOf(request.headers, grants, scene.world);
  const actor = holder?.token.actor ?? 'app';
  const email = holder?.account.email ?? account;
  const oauth = method.startsWith('oauth.');
  const path = url.pathname + url.search;
  const place = { account: email, calendar: null, event: null, inBatch: false };
  const action = faults.pick({ method, verb: request.method, path, actor, ...place });
  interfere(action, { scene, grants, account: email, calendarId: null, event: null, now: now() });
  const answer = await misbehave(action, {
    inBatch: false,
    giveUp,
    sleep,
    refusal: () => refusalOf(action, { inBatch: false, oauth, now: now() }),
    failed: (status) => new GraphError(status, usualCode(status)).answer(),
  }, work);
  if (actor === 'app') {
    log.add({
      at: now(),
      method,
      status: answer.status,
      reason: codeOf(answer),
      account: email,
      calendarId: null,
      eventId: null,
      ifMatch: false,
      inBatch: false,
    });
  }
  return action.omitRefreshToken ? withoutRefreshToken(answer) : answer;
}

function withoutRefreshToken(answer: Answer): Answer {
  if (!isObject(answer.body)) return answer;
  const { refresh_token: _left, ...body } = answer.body;
  return { ...answer, body };
}
