/** What a calendar announced at once, and of it an example. */
import { useWorkspace } from '../backend/workspace.ts';
import { type ConflictRow, massChangeOf } from './conflict.ts';
import { accountOf, timeText } from './say.ts';
import { words } from './words.ts';

export function Mass({ conflict }: { conflict: ConflictRow }) {
  const { member: { organisation: { timezone: zone } } } = useWorkspace();
  const { cancelled, moved, known, sample } = massChangeOf(conflict);
  const others = cancelled + moved - sample.length;
  return (
    <>
      <p>{words.mass.what(accountOf(conflict), cancelled, moved, known)}</p>
      {sample.length > 0 && (
        <div>
          <h3>{words.mass.sample}</h3>
          <ul class='list'>
            {sample.map(({ summary, start, end }, at) => (
              <li key={at}>
                {[summary, start && timeText({ kind: 'timed', startsAt: start, endsAt: end }, zone)].filter(Boolean)
                  .join(', ')}
              </li>
            ))}
          </ul>
          {others > 0 && <p class='hint'>{words.mass.more(others)}</p>}
        </div>
      )}
    </>
  );
}
