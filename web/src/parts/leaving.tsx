/** Asks before what a person typed and did not save is given up. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../words/i18n.ts';
import { Modal } from './modal.tsx';

type Act = () => void;

/** How each form that holds something unsaved gives it up. */
const unsaved = new Set<Act>();
let ask: ((go: Act) => void) | null = null;

/** While there is something unsaved, leaving asks; so does the browser, before it closes or reloads the page. */
export function useUnsaved(dirty: boolean, giveUp: Act): void {
  const latest = useRef(giveUp);
  latest.current = giveUp;
  useEffect(() => {
    if (!dirty) return;
    const entry = () => latest.current();
    const warn = (event: Event) => event.preventDefault();
    unsaved.add(entry);
    addEventListener('beforeunload', warn);
    return () => {
      unsaved.delete(entry);
      removeEventListener('beforeunload', warn);
    };
  }, [dirty]);
}

/** Goes, once nothing unsaved is left or its person has given it up. */
export function leave(go: Act): void {
  if (unsaved.size === 0 || ask === null) go();
  else ask(go);
}

export function LeaveQuestion() {
  const [go, setGo] = useState<Act | null>(null);
  useEffect(() => {
    ask = (wanted) => setGo(() => wanted);
    return () => void (ask = null);
  }, []);
  if (go === null) return null;
  const stay = () => setGo(null);
  const giveUp = () => {
    stay();
    for (const form of [...unsaved]) form();
    go();
  };
  return (
    <Modal title={t.leaving.title} busy={false} onClose={stay} onSubmit={giveUp}>
      <p>{t.leaving.text}</p>
      <div class='buttons'>
        <button type='button' onClick={stay}>{t.leaving.stay}</button>
        <button type='submit' class='danger'>{t.leaving.giveUp}</button>
      </div>
    </Modal>
  );
}
