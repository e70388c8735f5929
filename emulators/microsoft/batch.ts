/** `POST /v1.0/$batch`: every part is a call of its own, four at a time unless they wait for one another. */
import { type Answer, isObject, type JsonObject } from '../core/answers.ts';
import { seededRandom } from '../core/faults.ts';
import type { GiveUp } from '../core/misbehave.ts';
import { GraphError } from './errors.ts';
import { BOUNDS } from './facts.ts';
import type { Graph } from './graph.ts';
import type { Session } from './session.ts';

export const BATCH_PATH = '/v1.0/$batch';

interface Part {
  readonly id: string;
  readonly verb: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly dependsOn: readonly string[];
}

interface PartAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Answers a batch with 200 whatever its parts answer; a malformed or oversized one with 400. */
export async function answerBatch(
  request: Request,
  origin: string,
  graph: Graph,
  session: Session,
  giveUp: GiveUp,
): Promise<Answer> {
  const text = await request.text();
  const parts = readParts(text, session);
  if (parts instanceof GraphError) return parts.answer();
  const answers = await runAll(parts, async (part) => {
    const headers = new Headers(part.headers);
    const authorization = request.headers.get('authorization');
    if (authorization !== null) headers.set('authorization', authorization);
    const url = new URL(`${origin}/v1.0/${part.url.replace(/^\//, '')}`);
    return await graph.handle({ verb: part.verb, url, headers, body: part.body, inBatch: true, giveUp });
  });
  return { status: 200, body: { responses: session.scene.settings.shuffleBatch ? shuffled(answers) : answers } };
}

/** A sentence about what is malformed becomes a 400, and a violation. */
function readParts(text: string, session: Session): Part[] | GraphError {
  try {
    const body: unknown = JSON.parse(text);
    if (!isObject(body) || !Array.isArray(body.requests)) throw new TypeError('The batch has no requests');
    const { requests } = body;
    if (requests.length === 0 || requests.length > BOUNDS.batchRequests) {
      throw new TypeError(`The batch has ${requests.length} requests, not 1 to ${BOUNDS.batchRequests}`);
    }
    const parts = requests.map((request) => partOf(request));
    const ids = new Set(parts.map(({ id }) => id));
    if (ids.size < parts.length) throw new TypeError('Two requests of the batch have the same id');
    if (parts.some(({ dependsOn }) => dependsOn.some((id) => !ids.has(id)))) {
      throw new TypeError('A request depends on one that is not in the batch');
    }
    return parts;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    session.violations.push({ side: 'request', method: 'batch', what });
    return new GraphError(400, 'BadRequest', { message: what });
  }
}

function partOf(value: unknown): Part {
  if (!isObject(value) || typeof value.id !== 'string' || typeof value.method !== 'string') {
    throw new TypeError('A request of the batch has no id or no method');
  }
  if (typeof value.url !== 'string' || /^https?:|^\/?v1\.0\//.test(value.url)) {
    throw new TypeError(`The url of request ${value.id} is not relative to the version`);
  }
  if (/^\/?\$batch/.test(value.url)) throw new TypeError('A batch has no batch inside');
  const headers = new Headers(Object.entries(isObject(value.headers) ? value.headers : {}).map(textPair));
  if (value.body !== undefined && !headers.has('content-type')) {
    throw new TypeError(`Request ${value.id} has a body but no Content-Type`);
  }
  return {
    id: value.id,
    verb: value.method.toUpperCase(),
    url: value.url,
    headers,
    body: value.body === undefined ? '' : JSON.stringify(value.body),
    dependsOn: Array.isArray(value.dependsOn) ? value.dependsOn.map(String) : [],
  };
}

function textPair([name, value]: [string, unknown]): [string, string] {
  return [name, String(value)];
}

/** In the order of the parts. A part that depends on others waits for them, and is 424 where one of them failed. */
async function runAll(parts: readonly Part[], perform: (part: Part) => Promise<Answer>): Promise<PartAnswer[]> {
  const answers = new Map<string, PartAnswer>();
  const waiting = [...parts];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ dependsOn }) => dependsOn.every((id) => answers.has(id))).slice(
      0,
      BOUNDS.batchAtATime,
    );
    // A circle of dependencies: none of them can ever run.
    if (ready.length === 0) {
      for (const part of waiting.splice(0)) answers.set(part.id, failedDependency(part.id));
      break;
    }
    for (const part of ready) waiting.splice(waiting.indexOf(part), 1);
    await Promise.all(ready.map(async (part) => {
      const failed = part.dependsOn.some((id) => (answers.get(id)?.status ?? 424) >= 300);
      answers.set(part.id, failed ? failedDependency(part.id) : partAnswer(part.id, await perform(part)));
    }));
  }
  return parts.map(({ id }) => answers.get(id) ?? failedDependency(id));
}

function partAnswer(id: string, answer: Answer): PartAnswer {
  const type: Record<string, string> = answer.body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = Object.entries({ ...type, ...answer.headers }).map(([name, value]): [string, string] => [
    name.replaceAll(/(^|-)[a-z]/g, (letters) => letters.toUpperCase()),
    value,
  ]);
  return {
    id,
    status: answer.status,
    headers: Object.fromEntries(headers),
    ...(answer.body === undefined ? {} : { body: answer.body }),
  };
}

function failedDependency(id: string): PartAnswer {
  const error: JsonObject = { code: 'FailedDependency', message: 'A request that this one depends on failed.' };
  return { id, status: 424, headers: { 'Content-Type': 'application/json' }, body: { error } };
}

function shuffled(answers: readonly PartAnswer[]): PartAnswer[] {
  const draw = seededRandom(answers.length);
  return answers.map((answer) => ({ answer, rank: draw() })).sort((a, b) => a.rank - b.rank).map(({ answer }) =>
    answer
  );
}
