/** What waits for a decision, the oldest first. Nothing here is taken for done before the service has said so. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import { asFailure, type Failure } from '../backend/failure.ts';
import { useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { usePlace } from '../parts/navigation.tsx';
import { FailureNote, Stale, tellDone, tellFailure } from '../parts/notices.tsx';
import { usePageTitle } from '../parts/page_title.ts';
import { forgetSteps } from '../parts/undo.ts';
import { t } from '../words/i18n.ts';
import { Batch } from './batch.tsx';
import type { ConflictRow } from './conflict.ts';
import { ConflictCard } from './conflict_card.tsx';
import { readInbox } from './conflicts.ts';
import { undoDecisions } from './undo_decisions.ts';
import { words } from './words.ts';
import './conflicts.css';

/** Another person decided, or there is nothing to decide any more: no failure of the person who asks. */
const OVER = new Set(['CONFLICT_CLOSED', 'CONFLICT_NOT_FOUND']);
const OUTDATED = 'CONFLICT_OUTDATED';

export function ConflictsPage() {
  const { backend: { db }, member, api } = useWorkspace();
  const { query } = usePlace();
  const named = query.get('id');
  usePageTitle(words.title);
  const inbox = useLive(`conflicts ${member.organisation.id}`, (signal) => readInbox(db, member, signal), {
    tables: ['sync_conflicts', 'rdv'],
  });
  const [running, setRunning] = useState<{ id: string; action: ConflictAction } | null>(null);
  const [progress, setProgress] = useState<{ done: number; count: number } | null>(null);
  const [failures, setFailures] = useState<ReadonlyMap<string, Failure>>(new Map());
  /** Those that moved while the person was deciding. */
  const [outdated, setOutdated] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => forgetSteps, []);

  const conflicts = inbox.data?.conflicts ?? [];
  const appointments = new Map(inbox.data?.appointments.map((one) => [one.id, one]));
  const batch = conflicts.filter(({ id }) => chosen.has(id));
  const busy = running !== null || progress !== null;

  // What is taken back later is read anew by the page as it is then.
  const refresh = useRef(inbox.refresh);
  refresh.current = inbox.refresh;
  const undoOf = (decided: readonly ConflictRow[]) => undoDecisions(decided, { api, reload: () => refresh.current() });

  // The card that had the focus is gone: the next one takes it, else the title.
  const left = useRef<number | null>(null);
  useEffect(() => {
    if (left.current === null || busy) return;
    const cards = document.querySelectorAll<HTMLElement>('.conflict h2');
    (cards[Math.min(left.current, cards.length - 1)] ?? title.current)?.focus();
    left.current = null;
  }, [conflicts.length, busy]);

  const noted = (id: string, failure: Failure | null) =>
    setFailures((before) => {
      const after = new Map(before);
      if (failure === null) after.delete(id);
      else after.set(id, failure);
      return after;
    });

  /** Null when it went well. */
  const decide = async (conflict: ConflictRow, action: ConflictAction): Promise<Failure | null> => {
    noted(conflict.id, null);
    try {
      await api(conflict.source).resolveConflict(conflict.id, action, conflict.updated_at);
      return null;
    } catch (error) {
      const failure = asFailure(error, 'conflicts.resolve');
      if (failure.code === OUTDATED) setOutdated((before) => new Set(before).add(conflict.id));
      else if (!OVER.has(failure.code)) noted(conflict.id, failure);
      return failure;
    }
  };
  /** Says so if the one that was asked about is no longer there. */
  const reload = async (asked: string | null) => {
    const fresh = await readInbox(db, member, AbortSignal.timeout(10_000)).catch(() => null);
    if (fresh === null) await inbox.refresh();
    else inbox.set(fresh);
    if (asked !== null && fresh?.conflicts.every(({ id }) => id !== asked)) tellDone(words.outdatedGone);
    return fresh;
  };
  const decideOne = async (conflict: ConflictRow, action: ConflictAction) => {
    setRunning({ id: conflict.id, action });
    const at = conflicts.findIndex(({ id }) => id === conflict.id);
    const failure = await decide(conflict, action);
    if (failure === null) {
      left.current = at;
      tellDone(action === 'ignore' ? words.done.ignored : words.done.resolved, undoOf([conflict]));
    } else if (OVER.has(failure.code)) {
      left.current = at;
      tellFailure(failure, 'conflicts.resolve');
    }
    await reload(failure?.code === OUTDATED ? conflict.id : null);
    setRunning(null);
  };
  const moved = async ({ id }: ConflictRow) => {
    left.current = conflicts.findIndex((one) => one.id === id);
    const fresh = await reload(null);
    if (fresh?.conflicts.some((one) => one.id === id)) left.current = null;
  };
  const decideAll = async (action: ConflictAction) => {
    const count = batch.length;
    const decided: ConflictRow[] = [];
    let failed = 0;
    setOutdated(new Set());
    for (const [done, conflict] of batch.entries()) {
      setProgress({ done, count });
      const failure = await decide(conflict, action);
      if (failure === null) decided.push(conflict);
      else if (!OVER.has(failure.code)) failed += 1;
    }
    await inbox.refresh();
    setChosen(new Set());
    left.current = 0;
    setProgress(null);
    if (count > failed) tellDone(words.batch.done(count - failed), decided.length > 0 ? undoOf(decided) : null);
  };

  return (
    <div class='stack conflicts'>
      <div class='title'>
        <h1 ref={title} tabIndex={-1}>{words.title}</h1>
        {conflicts.length > 0 && (
          <p class='hint' role='status'>
            {inbox.data?.more ? words.first(conflicts.length) : words.waiting(conflicts.length)}
          </p>
        )}
      </div>
      <Stale live={inbox} />
      {inbox.failure !== null && inbox.data === null && (
        <>
          <FailureNote failure={inbox.failure} />
          <button type='button' onClick={() => void inbox.refresh()}>{t.app.retry}</button>
        </>
      )}
      {inbox.data === null && inbox.failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {inbox.data !== null && conflicts.length === 0 && <p class='empty'>{words.empty}</p>}
      {conflicts.length > 0 && <p class='hint'>{words.intro}</p>}
      {inbox.data !== null && named !== null && conflicts.length > 0 && !conflicts.some(({ id }) => id === named) && (
        <p class='banner' role='status'>{words.gone}</p>
      )}
      <Batch
        conflicts={conflicts}
        chosen={batch}
        progress={progress}
        disabled={busy}
        failed={failures.size + outdated.size}
        onChoose={(ids) => setChosen(new Set(ids))}
        onDecide={(action) => void decideAll(action)}
      />
      {conflicts.map((conflict) => (
        <ConflictCard
          key={conflict.id}
          conflict={conflict}
          appointment={appointments.get(conflict.internal_id ?? '')}
          appointments={appointments}
          named={conflict.id === named}
          outdated={outdated.has(conflict.id)}
          chosen={chosen.has(conflict.id)}
          disabled={busy}
          running={running?.id === conflict.id ? running.action : null}
          failure={failures.get(conflict.id) ?? null}
          onChoose={(yes) =>
            setChosen(new Set(yes ? [...chosen, conflict.id] : [...chosen].filter((id) => id !== conflict.id)))}
          onDecide={(action) => void decideOne(conflict, action)}
          onMoved={() => moved(conflict)}
        />
      ))}
    </div>
  );
}
