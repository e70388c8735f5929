/** The actions that end a conflict, each with what it will do in this very case. */
import { useId } from 'preact/hooks';
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { ConflictRow } from './conflict.ts';
import { decisionsOf } from './decision.ts';
import { accountOf, actionText, effectText } from './say.ts';
import { words } from './words.ts';

interface DecisionsProps {
  readonly conflict: ConflictRow;
  /** The action under way. */
  readonly running: ConflictAction | null;
  readonly disabled: boolean;
  readonly onDecide: (action: ConflictAction) => void;
}

export function Decisions({ conflict, running, disabled, onDecide }: DecisionsProps) {
  const id = useId();
  return (
    <div class='decisions' role='group' aria-label={words.choose}>
      {decisionsOf(conflict).map(({ action, possible }) => (
        <div key={action} class='decision'>
          <button
            type='button'
            data-action={action}
            aria-describedby={`${id}-${action}`}
            aria-busy={running === action}
            disabled={disabled || !possible}
            onClick={() => onDecide(action)}
          >
            {actionText(action, accountOf(conflict), conflict.reason)}
          </button>
          <p id={`${id}-${action}`} class='hint'>{possible ? effectText(conflict, action) : words.notBookable}</p>
        </div>
      ))}
    </div>
  );
}
