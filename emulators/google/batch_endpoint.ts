/** The batch endpoint: every part is a call of its own, under the outer credentials. */
import { seededRandom } from '../core/faults.ts';
import type { GiveUp } from '../core/misbehave.ts';
import { type Answer, Failure } from './answers.ts';
import { API_PATH, type ApiParts, type CalendarApi } from './api.ts';
import { type BatchPart, effectiveHeaders, MAX_PARTS, parseBatch, renderBatch } from './batch.ts';

export const BATCH_PATH = '/batch/calendar/v3';

/** Answers a batch with 200 whatever its parts answer; a malformed or oversized one with 400. */
export async function answerBatch(
  request: Request,
  session: ApiParts & { readonly api: CalendarApi },
  giveUp: GiveUp,
  boundary: string,
): Promise<Answer> {
  const { api, timing, sleep, scene: { settings } } = session;
  const text = await request.text();
  const parts = timing.measure(() => readParts(request.headers.get('content-type') ?? '', text, session));
  if (parts instanceof Failure) return parts.answer();
  const wait = settings.latencyPerPartMs * parts.length;
  if (wait > 0) await sleep(wait);
  const answers: Answer[] = [];
  for (const index of executionOrder(parts.length, settings.shuffleBatch)) {
    const part = parts[index] as BatchPart;
    const headers = effectiveHeaders(request.headers, part.headers);
    answers[index] = part.target.startsWith(API_PATH)
      ? await api.handle({ verb: part.verb, target: part.target, headers, body: part.body, inBatch: true, giveUp })
      : new Failure(404, 'notFound').answer();
  }
  return timing.measure(() => renderBatch(parts, answers, boundary));
}

function readParts(contentType: string, text: string, session: ApiParts): BatchPart[] | Failure {
  try {
    const parts = parseBatch(contentType, text);
    if (parts.length <= MAX_PARTS) return parts;
    throw new TypeError(`The batch has ${parts.length} parts, more than ${MAX_PARTS}`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    session.violations.push({ side: 'request', method: 'batch', what: error.message });
    return new Failure(400, 'badRequest', { message: error.message });
  }
}

function executionOrder(length: number, shuffled: boolean): number[] {
  const order = Array.from({ length }, (_, index) => index);
  if (!shuffled) return order;
  const draw = seededRandom(length);
  return order.map((index) => ({ index, rank: draw() })).sort((a, b) => a.rank - b.rank).map(({ index }) => index);
}
