/** One decision for several conflicts. */
import { useState } from 'preact/hooks';
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { ConflictRow } from './conflict.ts';
import { cancels, commonDecisions } from './decision.ts';
import { Question } from './question.tsx';
import { actionText, effectText, reasonText } from './say.ts';
import { words } from './words.ts';

interface BatchProps {
  readonly conflicts: readonly ConflictRow[];
  readonly chosen: readonly ConflictRow[];
  readonly progress: { readonly done: number; readonly count: number } | null;
  readonly disabled: boolean;
  /** How many of the last decisions were refused. */
  readonly failed: number;
  readonly onChoose: (ids: readonly string[]) => void;
  readonly onDecide: (action: ConflictAction) => void;
}

export function Batch({ conflicts, chosen, progress, disabled, failed, onChoose, onDecide }: BatchProps) {
  const [asking, setAsking] = useState<ConflictAction | null>(null);
  // A mass change is one decision already.
  const choosable = conflicts.filter(({ reason }) => reason !== 'mass_change');
  if (choosable.length < 2 && progress === null) return null;
  const effects = asking === null ? [] : [...new Map(chosen.map((one) => [reasonText(one), effectText(one, asking)]))];
  return (
    <div class='batch'>
      <label class='check'>
        <input
          type='checkbox'
          checked={chosen.length === choosable.length}
          disabled={disabled}
          onChange={({ currentTarget: { checked } }) => onChoose(checked ? choosable.map(({ id }) => id) : [])}
        />
        {chosen.length === 0 ? words.batch.all : words.batch.chosen(chosen.length)}
      </label>
      {chosen.length > 0 && progress === null && (
        <div class='batch-actions' role='group' aria-label={words.batch.apply}>
          {commonDecisions(chosen).map((action) => (
            <button
              key={action}
              type='button'
              disabled={disabled}
              onClick={() => setAsking(action)}
            >
              {actionText(action, chosen)}
            </button>
          ))}
        </div>
      )}
      {progress !== null && (
        <p class='batch-progress' role='status'>
          <progress
            max={progress.count}
            value={progress.done}
            aria-label={words.batch.running(progress.done, progress.count)}
          />
          {words.batch.running(progress.done, progress.count)}
        </p>
      )}
      {failed > 0 && progress === null && <p class='hint' role='status'>{words.batch.failed(failed)}</p>}
      {asking !== null && (
        <Question
          title={words.batch.question(actionText(asking, chosen), chosen.length)}
          confirm={words.batch.confirm}
          cancelled={chosen.filter((one) => cancels(one, asking))}
          onClose={() => setAsking(null)}
          onDecide={() => {
            setAsking(null);
            onDecide(asking);
          }}
        >
          <dl class='facts'>
            {effects.map((
              [reason, effect],
            ) => [<dt key={reason}>{reason}</dt>, <dd key={`${reason}-effect`}>{effect}</dd>])}
          </dl>
        </Question>
      )}
    </div>
  );
}
