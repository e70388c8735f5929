/** The actions that end a conflict, each with what it will do in this very case. */
import { useId, useState } from 'preact/hooks';
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { ConflictRow } from './conflict.ts';
import { cancels, decisionsOf } from './decision.ts';
import { Mass } from './mass.tsx';
import { cancelledCount, Question } from './question.tsx';
import { actionText, effectText } from './say.ts';
import { words } from './words.ts';

interface DecisionsProps {
  readonly conflict: ConflictRow;
  /** The action under way. */
  readonly running: ConflictAction | null;
  readonly disabled: boolean;
  readonly onDecide: (action: ConflictAction) => void;
  /** Null where nothing is to be moved, or more than one appointment. */
  readonly onMove: (() => void) | null;
}

export function Decisions({ conflict, running, disabled, onDecide, onMove }: DecisionsProps) {
  const id = useId();
  const [asking, setAsking] = useState<ConflictAction | null>(null);
  const count = cancelledCount([conflict]);
  const mass = conflict.reason === 'mass_change';
  return (
    <div class='decisions' role='group' aria-label={words.choose}>
      {onMove !== null && (
        <div class='decision'>
          <button type='button' aria-describedby={`${id}-move`} disabled={disabled} onClick={onMove}>
            {words.move.open}
          </button>
          <p id={`${id}-move`} class='hint'>{words.move.effect}</p>
        </div>
      )}
      {decisionsOf(conflict).map(({ action, possible }) => (
        <div key={action} class='decision'>
          <button
            type='button'
            data-action={action}
            aria-describedby={`${id}-${action}`}
            aria-busy={running === action}
            disabled={disabled || !possible}
            onClick={() => cancels(conflict, action) ? setAsking(action) : onDecide(action)}
          >
            {actionText(action, [conflict])}
          </button>
          <p id={`${id}-${action}`} class='hint'>{possible ? effectText(conflict, action) : words.notBookable}</p>
        </div>
      ))}
      {asking !== null && (
        <Question
          title={mass ? words.question.mass : words.question.cancels(count)}
          confirm={mass ? words.question.apply : words.question.cancel(count)}
          cancelled={[conflict]}
          onClose={() => setAsking(null)}
          onDecide={() => {
            setAsking(null);
            onDecide(asking);
          }}
        >
          {mass && <Mass conflict={conflict} />}
        </Question>
      )}
    </div>
  );
}
