import { useState } from 'preact/hooks';
import { asFailure, type Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Modal } from '../parts/modal.tsx';
import { FailureNote, tellDone } from '../parts/notices.tsx';
import type { Provider } from '../providers.ts';
import { t } from '../words/i18n.ts';
import { words } from './words.ts';

/** Asks first: disconnecting may take the events along. */
export function DisconnectButton({ provider, refresh }: { provider: Provider; refresh: () => Promise<void> }) {
  const { api } = useWorkspace();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [removeEvents, setRemoveEvents] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const disconnect = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const { state } = await api(provider.id).disconnect(removeEvents);
      setOpen(false);
      tellDone(state === 'removing' ? words.connection.removing : words.connection.disconnected);
      await refresh();
    } catch (error) {
      setFailure(asFailure(error, `${provider.id}-connect`));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <button type='button' class='danger-quiet' onClick={() => setOpen(true)}>{words.connection.disconnect}</button>
      {open && (
        <Modal
          title={words.connection.disconnectTitle(provider.account)}
          busy={busy}
          onClose={() => setOpen(false)}
          onSubmit={disconnect}
        >
          <p>{words.connection.disconnectText}</p>
          <label class='check'>
            <input
              type='checkbox'
              name='removeEvents'
              checked={removeEvents}
              onChange={({ currentTarget: { checked } }) => setRemoveEvents(checked)}
            />
            <span>{words.connection.removeEvents}</span>
          </label>
          {failure !== null && <FailureNote failure={failure} />}
          <div class='buttons'>
            <button type='button' onClick={() => setOpen(false)} disabled={busy}>{t.app.cancel}</button>
            <button type='submit' class='danger' disabled={busy} aria-busy={busy}>{words.connection.disconnect}</button>
          </div>
        </Modal>
      )}
    </>
  );
}
