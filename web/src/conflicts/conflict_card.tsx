/** One question: what happened, both sides as they are, and what can be done. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Link } from '../parts/navigation.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { formatAgo } from '../words/i18n.ts';
import { appointmentsOf, type ConflictRow, isManifold, overlapsOf, versionsOf } from './conflict.ts';
import { LISTED, type Subject } from './conflicts.ts';
import { Decisions } from './decisions.tsx';
import { Mass } from './mass.tsx';
import { Move } from './move.tsx';
import { accountOf, appointmentText, reasonText, subjectText, timeText, whatText } from './say.ts';
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
  readonly onMoved: () => Promise<void>;
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
  const [first, setFirst] = useState<string | null>(text);
  // What they moved themselves is no news to them.
  useEffect(() => {
    if (first === null) setFirst(text);
  }, [first]);
  const [moving, setMoving] = useState<string | null>(null);
  const title = subjectText(conflict, appointment);
  const mass = conflict.reason === 'mass_change';
  const [alone] = appointmentsOf(conflict);
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
      {(outdated || (first !== null && text !== first)) && (
        <p class='banner banner-warning' role='status'>{words.outdated}</p>
      )}
      {mass ? <Mass conflict={conflict} /> : (
        <>
          <p>{whatText(conflict, zone)}</p>
          <VersionsTable versions={versionsOf(conflict)} account={accountOf(conflict)} zone={zone} />
          {isManifold(conflict) && (
            <Overlapped
              conflict={conflict}
              appointments={appointments}
              zone={zone}
              disabled={disabled}
              onMove={setMoving}
            />
          )}
        </>
      )}
      <Decisions
        conflict={conflict}
        running={running}
        disabled={disabled}
        onDecide={on.onDecide}
        onMove={conflict.reason === 'time_overlap' && !isManifold(conflict) && alone !== undefined
          ? () => setMoving(alone)
          : null}
      />
      {moving !== null && (
        <Move
          conflict={conflict.id}
          rdv={moving}
          onClose={() => setMoving(null)}
          onMoved={async () => {
            await on.onMoved();
            setFirst(null);
          }}
        />
      )}
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
  readonly disabled: boolean;
  readonly onMove: (rdv: string) => void;
}

function Overlapped({ conflict, appointments, zone, disabled, onMove }: OverlappedProps) {
  const { count, appointments: all } = overlapsOf(conflict);
  const listed = all.slice(0, LISTED);
  const others = count - listed.length;
  return (
    <div>
      <h3>{words.overlaps.appointments}</h3>
      <ul class='list overlapped' data-overlapped={count}>
        {listed.map(({ rdvId, startsAt, endsAt }) => {
          const subject = appointments.get(rdvId);
          const text = subject === undefined
            ? timeText({ kind: 'timed', startsAt, endsAt }, zone)
            : appointmentText({ ...subject, starts_at: startsAt, ends_at: endsAt ?? null }, zone);
          return (
            <li key={rdvId}>
              <Link to={`/calendar?rdv=${rdvId}`}>{text}</Link>
              <button
                type='button'
                class='quiet'
                aria-label={words.move.one(text)}
                disabled={disabled}
                onClick={() => onMove(rdvId)}
              >
                {words.move.short}
              </button>
            </li>
          );
        })}
      </ul>
      {others > 0 && <p class='hint'>{words.mass.more(others)}</p>}
    </div>
  );
}
