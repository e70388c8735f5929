/** Members and values that Graph may add tomorrow: a client must get along with them. */
import { isObject } from '../core/answers.ts';
import type { MatchedRoute } from '../core/routes.ts';
import type { GraphRoute } from './facts.ts';

/** A copy of an answer with an unknown member in every resource, and unknown values where they do no harm. */
export function addNovelties(method: MatchedRoute<GraphRoute>, body: unknown): unknown {
  if (!isObject(body)) return body;
  const grown = { ...body, futureMember: { nested: ['value'] } };
  if (Array.isArray(body.value)) return { ...grown, value: body.value.map((item) => resource(method, item)) };
  return resource(method, grown);
}

function resource(method: MatchedRoute<GraphRoute>, value: unknown): unknown {
  if (!isObject(value) || '@removed' in value) return value;
  const grown = { ...value, futureMember: 1, '@future.annotation': 'value' };
  if (method.fact.response === 'calendar') return { ...grown, color: 'futureColor' };
  if (!isObject(value.start) || !isObject(value.end)) return grown;
  return {
    ...grown,
    importance: 'futureImportance',
    start: { ...value.start, futureMember: 1 },
    attendees: Array.isArray(value.attendees)
      ? value.attendees.map((attendee) => ({ ...attendee, type: 'futureType' }))
      : [],
  };
}
