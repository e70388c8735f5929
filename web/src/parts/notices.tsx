/** What the page tells the user in passing: a short word when something went well, a readable error when it did not. */
import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asFailure, type Failure } from '../backend/failure.ts';
import { t } from '../words/i18n.ts';
import { useOnline } from './online.ts';
import { addStep, isOpen, type Step, takeBack, undoByKey, watchSteps } from './undo.ts';

type Notice =
  & { readonly id: number }
  & ({ readonly done: string; readonly step: Step | null } | { readonly failure: Failure });

const LINGERS = 6_000;
/** Time to read it and to reach its button. */
const LINGERS_TO_UNDO = 20_000;
const notices: Notice[] = [];
const watchers = new Set<() => void>();
/** Where notices may be drawn: behind an open dialog they could neither be read nor pressed, so the newest place counts. */
const places: object[] = [];
let lastId = 0;

function update(change: () => void): void {
  change();
  for (const watcher of watchers) watcher();
}

function dismiss(id: number): void {
  update(() => {
    const at = notices.findIndex((notice) => notice.id === id);
    if (at >= 0) notices.splice(at, 1);
  });
}

/** @param undo takes it back, and tells what became of that; null where it cannot be taken back */
export function tellDone(done: string, undo: (() => Promise<void>) | null = null): void {
  const id = ++lastId;
  const step = undo === null ? null : addStep(undo);
  update(() => notices.push({ id, done, step }));
  setTimeout(() => dismiss(id), step === null ? LINGERS : LINGERS_TO_UNDO);
}

/** Errors stay until they are closed; the same one twice is shown once. */
export function tellFailure(error: unknown, step: string): void {
  const failure = asFailure(error, step);
  update(() => {
    const same = notices.findIndex((one) =>
      'failure' in one && one.failure.code === failure.code && one.failure.step === failure.step
    );
    if (same >= 0) notices.splice(same, 1);
    notices.push({ id: ++lastId, failure });
  });
}

export function Notices() {
  const [, draw] = useState(0);
  const [place] = useState(() => ({}));
  useEffect(() => {
    const watcher = () => draw((count) => count + 1);
    watchers.add(watcher);
    const stop = watchSteps(watcher);
    update(() => places.push(place));
    return () => {
      watchers.delete(watcher);
      stop();
      update(() => places.splice(places.indexOf(place), 1));
    };
  }, []);
  useEffect(() => {
    if (places[0] !== place) return;
    document.addEventListener('keydown', undoByKey);
    return () => document.removeEventListener('keydown', undoByKey);
  }, []);
  const shown = places.at(-1) === place ? notices : [];
  return (
    <div class='notices'>
      <div role='status'>
        {shown.map((notice) => 'done' in notice && <Done key={notice.id} {...notice} />)}
      </div>
      {shown.map((notice) =>
        'failure' in notice && (
          <FailureNote
            key={notice.id}
            failure={notice.failure}
            onClose={() => dismiss(notice.id)}
          />
        )
      )}
    </div>
  );
}

/** Beside what was read before: that it may be old. Without a network, the frame says so for every page. */
export function Stale({ live, children = t.app.stale }: {
  readonly live: { readonly data: unknown; readonly failure: Failure | null };
  readonly children?: string;
}) {
  const online = useOnline();
  if (live.failure === null || live.data === null || !online) return null;
  return <p class='banner' role='status'>{children}</p>;
}

/** On every page, signed in or not. */
export function Offline() {
  const online = useOnline();
  return <div role='status'>{!online && <p class='offline'>{t.app.offline}</p>}</div>;
}

function Done({ id, done, step }: { id: number; done: string; step: Step | null }) {
  // What was taken back says so in a notice of its own.
  if (step !== null && !isOpen(step)) return null;
  return (
    <div class='notice notice-done'>
      <p>{done}</p>
      {step !== null && (
        <button
          type='button'
          class='quiet'
          aria-keyshortcuts='Control+Z'
          aria-label={`${t.app.cancel} — ${done}`}
          onClick={() => {
            dismiss(id);
            takeBack(step);
          }}
        >
          {t.app.cancel}
        </button>
      )}
    </div>
  );
}

/** An error as a person reads it; what support needs is one click away. */
export function FailureNote({ failure, onClose }: { failure: Failure; onClose?: () => void }) {
  const { details } = failure;
  const facts = [
    [t.failure.step, failure.step],
    [t.failure.code, failure.code],
    [t.failure.providerCode, failure.providerCode],
    [t.failure.request, failure.requestId],
    [t.failure.more, typeof details === 'string' || !details ? details : JSON.stringify(details, null, 2)],
  ].filter((fact): fact is [string, string] => Boolean(fact[1]));
  return (
    <div class='notice notice-failure' role='alert'>
      <p>{failure.message}</p>
      <details>
        <summary>{t.failure.details}</summary>
        <dl class='facts'>
          {facts.map(([name, value]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </Fragment>
          ))}
        </dl>
      </details>
      {onClose && <button type='button' class='quiet notice-close' onClick={onClose}>{t.app.close}</button>}
    </div>
  );
}
