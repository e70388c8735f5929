/** Carries out fault actions around the real work. */
import { type Answer, isObject } from './answers.ts';

/** What can go wrong with any request. Refusals in the provider's own words are each emulator's to make. */
export interface Misbehaviour {
  /** Refuse with this 5xx and an HTML body. */
  readonly html5xx?: number;
  /** `Retry-After` header in seconds (or a date) of a refusal; alone it means a 429. */
  readonly retryAfter?: number | string;
  /** Perform the request, then lose the answer: cut the connection, answer that status, or never answer. */
  readonly loseAnswer?: 'drop' | 'timeout' | number;
  /** Perform nothing and never answer; ends when the caller gives up. */
  readonly timeout?: boolean;
  /** Perform nothing and cut the connection. */
  readonly drop?: boolean;
  readonly delayMs?: number;
  /** Perform the request and answer 200 with broken JSON. */
  readonly malformed?: boolean;
  /** Perform the request; the entries of the list that it answers lack these fields. */
  readonly entriesLack?: readonly string[];
  /** Refuse with this status before anything happens; `reason` and `message` shape the body. */
  readonly status?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Replaces the error body altogether. */
  readonly body?: unknown;
  /** The same as `status`, but only for parts inside a batch. */
  readonly partStatus?: number;
  /** A list answers an empty page that goes on. */
  readonly emptyPage?: boolean;
  /** A list ends, in all honesty, after so many entries: 0 for an empty answer. */
  readonly cutList?: number;
  /** What happens to the account or the calendar just before the request is looked at. */
  readonly revokeGrant?: boolean | number;
  readonly expireAccessTokens?: boolean;
  readonly calendarDeleted?: boolean;
  readonly calendarReadOnly?: boolean;
  readonly expireSyncTokens?: boolean;
  /** The user changes (a patch body) or deletes the very event, just before. */
  readonly editFirst?: Readonly<Record<string, unknown>>;
  readonly deleteFirst?: boolean;
}

export const MISBEHAVIOURS = [
  'html5xx',
  'retryAfter',
  'loseAnswer',
  'timeout',
  'drop',
  'delayMs',
  'malformed',
  'entriesLack',
  'status',
  'reason',
  'message',
  'body',
  'partStatus',
  'emptyPage',
  'cutList',
  'revokeGrant',
  'expireAccessTokens',
  'calendarDeleted',
  'calendarReadOnly',
  'expireSyncTokens',
  'editFirst',
  'deleteFirst',
] as const satisfies readonly (keyof Misbehaviour)[];

/** The connection ends without an answer; the server turns this into a real cut. */
export class ConnectionDropped extends Error {
  constructor() {
    super('The connection was cut: no answer');
    // The server prints it; where it was thrown says nothing.
    this.stack = this.message;
  }
}

/** Waits for real milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

/** Aborts when the caller gives up or the emulator stops. Asked for only when needed: watching costs the server. */
export type GiveUp = () => AbortSignal;

export interface Place {
  readonly inBatch: boolean;
  readonly giveUp: GiveUp;
  readonly sleep: Sleep;
  /** The provider's refusal that the action asks for; null for none. */
  readonly refusal: () => Answer | null;
  /** The provider's answer of that status, for work that was done but is not told. */
  readonly failed: (status: number) => Answer;
}

/** Resolves never; rejects when the caller gives up or the emulator stops. */
function hang(giveUp: GiveUp): Promise<never> {
  const signal = giveUp();
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(new ConnectionDropped());
    signal.addEventListener('abort', () => reject(new ConnectionDropped()), { once: true });
  });
}

/** Runs `work` under an action: in front of it, instead of it, or with its answer lost. */
export async function misbehave(
  action: Misbehaviour,
  place: Place,
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  if (action.delayMs) await place.sleep(action.delayMs);
  if (action.timeout) return await hang(place.giveUp);
  if (action.drop) return lost('drop', place);
  const refused = action.html5xx ? htmlPage(action.html5xx, action.retryAfter) : place.refusal();
  if (refused) return refused;
  const answer = await work();
  if (action.loseAnswer === 'timeout') return await hang(place.giveUp);
  if (action.loseAnswer !== undefined) return lost(action.loseAnswer, place);
  if (action.malformed) {
    const text = JSON.stringify(answer.body ?? {});
    return {
      status: 200,
      body: text.slice(0, Math.ceil(text.length / 2)),
      headers: { 'content-type': 'application/json' },
    };
  }
  return action.entriesLack ? lacking(answer, action.entriesLack) : answer;
}

function lacking(answer: Answer, fields: readonly string[]): Answer {
  if (!isObject(answer.body)) return answer;
  const entries = (name: string, list: unknown[]) =>
    [name, list.map((entry) => isObject(entry) ? without(entry, fields) : entry)] as const;
  const body = Object.entries(answer.body).map(([name, value]) =>
    (name === 'items' || name === 'value') && Array.isArray(value) ? entries(name, value) : [name, value] as const
  );
  return { ...answer, body: Object.fromEntries(body) };
}

function without(entry: object, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !fields.includes(name)));
}

function lost(how: 'drop' | number, place: Place): Answer {
  // One part cannot be cut off alone: its place in the batch answer says "try again".
  if (how === 'drop' && !place.inBatch) throw new ConnectionDropped();
  return place.failed(how === 'drop' ? 503 : how);
}

function htmlPage(status: number, retryAfter: number | string | undefined): Answer {
  const body =
    `<!DOCTYPE html><html><title>Error ${status}</title><p>The server encountered a temporary error.</p></html>`;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return { status, body, headers };
}
