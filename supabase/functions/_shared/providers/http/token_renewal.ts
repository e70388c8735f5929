/**
 * An access token may be refused before its time. What it was refused for is asked for once more with a new one, and with
 * no third. How a call is written, and which answer refuses the token, is the adapter's to say.
 */
import { SyncError } from '../../errors.ts';
import type { ConnectionHandle } from '../port/account.ts';
import { ProviderError } from '../port/failure.ts';
import type { HttpAnswer } from './exchange.ts';

export interface TokenRules {
  refusesToken(answer: HttpAnswer): boolean;
  /** What an answer means that is no success. */
  failure(answer: HttpAnswer): ProviderError;
}

export interface BatchRules<Call> extends TokenRules {
  /** For messages: `Send a batch`. */
  readonly operation: string;
  /** The id that a call's answer carries, by the call's position. */
  idOf(at: number): string;
  send(token: string, calls: ReadonlyMap<number, Call>): Promise<HttpAnswer>;
  /** The answers by their ids. Throws where the envelope holds none. */
  decode(envelope: HttpAnswer): ReadonlyMap<string, HttpAnswer>;
}

/** The answer, whatever its status; throws when the new token is refused too. */
export async function withRenewal(
  handle: ConnectionHandle,
  attempt: (token: string) => Promise<HttpAnswer>,
  { refusesToken, failure }: TokenRules,
): Promise<HttpAnswer> {
  const answer = await attempt(await handle.accessToken());
  if (!refusesToken(answer)) return answer;
  const again = await attempt(await handle.renew());
  if (refusesToken(again)) throw failure(again);
  return again;
}

/** Null where no answer came back. */
type PartAnswer = HttpAnswer | ProviderError | null;

/**
 * The answers by the calls' positions, null where none came back, an error where the repeat with a new token failed. Throws
 * when the call as a whole failed: nothing that came back says that anything was written.
 */
export async function batchWithRenewal<Call>(
  handle: ConnectionHandle,
  calls: readonly Call[],
  rules: BatchRules<Call>,
): Promise<PartAnswer[]> {
  const all = new Map(calls.entries());
  const isRefused = (answer: PartAnswer | undefined): answer is HttpAnswer =>
    !!answer && !(answer instanceof ProviderError) && rules.refusesToken(answer);
  const read = (envelope: HttpAnswer, asked: ReadonlyMap<number, Call>): Map<number, PartAnswer> => {
    if (envelope.status !== 200) throw rules.failure(envelope);
    const answers = rules.decode(envelope);
    return new Map([...asked.keys()].map((at) => [at, answers.get(rules.idOf(at)) ?? null]));
  };

  const envelope = await rules.send(await handle.accessToken(), all);
  let answers: Map<number, PartAnswer> = rules.refusesToken(envelope)
    ? new Map([...all.keys()].map((at) => [at, envelope]))
    : read(envelope, all);
  const refused = new Map([...all].filter(([at]) => isRefused(answers.get(at))));
  if (refused.size === all.size) {
    answers = read(await rules.send(await handle.renew(), all), all);
    const first = answers.get(0);
    if (isRefused(first) && [...answers.values()].every(isRefused)) throw rules.failure(first);
  } else if (refused.size > 0) {
    for (const [at, answer] of await again(refused)) answers.set(at, answer);
  }
  return calls.map((_, at) => answers.get(at) ?? null);

  /** A fault here is theirs alone: the other parts are written already. */
  async function again(parts: ReadonlyMap<number, Call>): Promise<Map<number, PartAnswer>> {
    try {
      return read(await rules.send(await handle.renew(), parts), parts);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      const theirs = error instanceof ProviderError ? error : asProviderError(error, rules.operation);
      return new Map([...parts.keys()].map((at) => [at, theirs]));
    }
  }
}

/** What kept the handle from a new token, as the adapter's own error. */
function asProviderError(error: SyncError, operation: string): ProviderError {
  const { code, retryable, message } = error;
  return new ProviderError(code, message, { operation, retryable, cause: error });
}
