/** Takes decisions back, the latest first: what they changed is as before on both sides, and the questions are open again. */
import type { Api } from '../backend/api.ts';
import { asFailure, Failure } from '../backend/failure.ts';
import { tellDone, tellFailure } from '../parts/notices.tsx';
import type { ConflictRow } from './conflict.ts';
import { words } from './words.ts';

const STEP = 'conflicts.undo';

export function undoDecisions(
  decided: readonly ConflictRow[],
  { api, reload }: { api: (source: string) => Pick<Api, 'undoDecision'>; reload: () => Promise<void> },
): () => Promise<void> {
  return async () => {
    const failures: Failure[] = [];
    for (const { id, source } of decided.toReversed()) {
      try {
        await api(source).undoDecision(id);
      } catch (error) {
        failures.push(asFailure(error, STEP));
      }
    }
    const undone = decided.length - failures.length;
    if (undone > 0) tellDone(words.undo.done(undone));
    const [first] = failures;
    if (first) tellFailure(decided.length === 1 ? first : counted(first, failures.length), STEP);
    await reload();
  };
}

/** Of several, how many, and why the first of them. */
function counted(failure: Failure, count: number): Failure {
  const { code, step, requestId, providerCode, details } = failure;
  const message = `${words.undo.failed(count)} ${failure.message}`;
  return new Failure(message, { code, step, requestId, providerCode, details, cause: failure });
}
