/** One question: what happened, both sides as they are, and what can be done. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Link } from '../parts/navigation.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { formatAgo } from '../words/i18n.ts';
import { type ConflictRow, isManifold, massChangeOf, overlapsOf, versionsOf } from './conflict.ts';
import { LISTED, type Subject } from './conflicts.ts';
import { Decisions } from './decisions.tsx';
import { accountOf, reasonText, subjectText, timeText, whatText } from './say.ts';
import { VersionsTable } from './versions_table.tsx';
import { words } from './words.ts';

interface CardProps {
  readonly conflict: ConflictRow;
  readonly appointment: Subject | undefined;
  /** Those of an overlap with several, by id. */
  readonly appointments: ReadonlyMap<string, Subject>;
  /** The address names it. */
  readonly named: boolean;
  /** It moved while it was being decided. */
  readonly outdated: boolean;
  readonly chosen: boolean;
  readonly disabled: boolean;
  readonly running: ConflictAction | null;
  readonly failure: Failure | null;
  readonly onChoose: (chosen: boolean) => void;
  readonly onDecide: (action: ConflictAction) => void;
}

export function ConflictCard(
  { conflict, appointment, appointments, named, outdated, chosen, disabled, running, failure, ...on }: CardProps,
) {
  const { member } = useWorkspace();
  const zone = member.organisation.timezone;
  const titleId = useId();
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (named) card.current?.scrollIntoView({ block: 'start' });
  }, [named]);
  // Who has read one version must not decide about another without knowing.
  const text = JSON.stringify(conflict.payload);
  const [first] = useState(text);
  const title = subjectText(conflict, appointment);
  const mass = conflict.reason === 'mass_change';
  return (
    <article
      ref={card}
      class={`card conflict${named ? ' conflict-named' : ''}`}
      aria-labelledby={titleId}
      data-conflict={conflict.id}
      data-reason={conflict.reason}
    >
      <header class='conflict-head'>
        {!mass && (
          <input
            type='checkbox'
            aria-label={words.batch.choose(title)}
            checked={chosen}
            disabled={disabled}
            onChange={({ currentTarget: { checked } }) => on.onChoose(checked)}
          />
        )}
        <div>
          <h2 id={titleId} tabIndex={-1}>{title}</h2>
          <p class='hint'>{words.since(formatAgo(conflict.created_at, zone))}</p>
        </div>
        {!mass && <span class='badge badge-wait'>{reasonText(conflict)}</span>}
      </header>
      {(outdated || text !== first) && <p class='banner banner-warning' role='status'>{words.outdated}</p>}
      {mass ? <Mass conflict={conflict} zone={zone} /> : (
        <>
          <p>{whatText(conflict, zone)}</p>
          <VersionsTable versions={versionsOf(conflict)} account={accountOf(conflict)} zone={zone} />
          {isManifold(conflict) && <Overlapped conflict={conflict} appointments={appointments} zone={zone} />}
        </>
      )}
      <Decisions conflict={conflict} running={running} disabled={disabled} onDecide={on.onDecide} />
      {failure !== null && <FailureNote failure={failure} />}
      {conflict.internal_id !== null && (
        <p class='hint'>
          <Link to={`/calendar?rdv=${conflict.internal_id}`}>{words.openAppointment}</Link>
        </p>
      )}
    </article>
  );
}

interface OverlappedProps {
  readonly conflict: ConflictRow;
  readonly appointments: ReadonlyMap<string, Subject>;
  readonly zone: string;
}

function Overlapped({ conflict, appointments, zone }: OverlappedProps) {
  const { count, appointments: all } = overlapsOf(conflict);
  const listed = all.slice(0, LISTED);
  const others = count - listed.length;
  return (
    <div>
      <h3>{words.overlaps.appointments}</h3>
      <ul class='list' data-overlapped={count}>
        {listed.map(({ rdvId, startsAt, endsAt }) => {
          const subject = appointments.get(rdvId);
          const patient = subject?.patient ? `${subject.patient.first_name} ${subject.patient.last_name}`.trim() : '';
          return (
            <li key={rdvId}>
              <Link to={`/calendar?rdv=${rdvId}`}>
                {[patient || subject?.type, timeText({ kind: 'timed', startsAt, endsAt }, zone)].filter(Boolean).join(
                  ', ',
                )}
              </Link>
            </li>
          );
        })}
      </ul>
      {others > 0 && <p class='hint'>{words.mass.more(others)}</p>}
    </div>
  );
}

function Mass({ conflict, zone }: { conflict: ConflictRow; zone: string }) {
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
