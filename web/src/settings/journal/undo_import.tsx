/** Takes a whole import back, and says what stayed as it is, and why. */
import { useState } from 'preact/hooks';
import type { ImportUndone } from '../../backend/api.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { useAction } from '../../parts/action.ts';
import { Modal } from '../../parts/modal.tsx';
import type { Provider } from '../../providers.ts';
import { formatMoment } from '../../words/i18n.ts';
import { nameOf, type ReportItem, type Run } from './runs.ts';
import { words } from './words.ts';

/** More than a person reads here; the details below list them all. */
const SHOWN = 20;

interface UndoProps {
  readonly provider: Provider;
  readonly run: Run;
  readonly items: readonly ReportItem[];
  readonly onUndone: () => void;
}

export function UndoImport({ provider, run, items, onUndone }: UndoProps) {
  const { api, member } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const [undone, setUndone] = useState<ImportUndone | null>(null);
  const [busy, act] = useAction('import.undo');
  const didSomething = run.created + run.updated + run.cancelled > 0;
  if (run.direction !== 'import' || run.mode !== 'import' || run.finished_at === null || !didSomething) return null;

  const submit = async () => {
    await act(async () => setUndone(await api(provider.id).undoImport(run.id)));
    setAsking(false);
    onUndone();
  };
  if (undone !== null) return <Undone undone={undone} items={items} />;
  if (run.undone_at !== null) {
    return (
      <p class='card' role='status'>{words.undo.undone(formatMoment(run.undone_at, member.organisation.timezone))}</p>
    );
  }
  return (
    <div class='buttons buttons-start'>
      <button type='button' onClick={() => setAsking(true)}>{words.undo.open}</button>
      {asking && (
        <Modal
          title={words.undo.title}
          busy={busy}
          onClose={() => setAsking(false)}
          onSubmit={() => void submit()}
        >
          <p>{words.undo.text}</p>
          <div class='buttons'>
            <button type='button' disabled={busy} onClick={() => setAsking(false)}>{words.undo.keep}</button>
            <button type='submit' class='danger' disabled={busy} aria-busy={busy}>{words.undo.open}</button>
          </div>
        </Modal>
      )}
    </div>
  );
}

function Undone({ undone, items }: { undone: ImportUndone; items: readonly ReportItem[] }) {
  const { created, updated, cancelled, kept, importEnded } = undone;
  const named = kept.slice(0, SHOWN).map(({ eventId, reason }) => {
    const item = items.find((one) => one.eventId === eventId);
    return `${item === undefined ? words.report.removedEvent : nameOf(item)} : ${words.undo.reasons[reason]}`;
  });
  return (
    <section class='card stack-tight' role='status'>
      <p>{words.undo.done(created + updated + cancelled)}</p>
      {importEnded && <p>{words.undo.importEnded}</p>}
      {kept.length > 0 && (
        <>
          <p>{words.undo.kept(kept.length)}</p>
          <ul>
            {named.map((line, at) => <li key={at}>{line}</li>)}
            {kept.length > SHOWN && <li>{words.undo.more(kept.length - SHOWN)}</li>}
          </ul>
        </>
      )}
    </section>
  );
}
