import { useState } from 'preact/hooks';
import type { IntegrationStatus } from '../backend/api.ts';
import { asFailure, type Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Modal } from '../parts/modal.tsx';
import { FailureNote, tellDone } from '../parts/notices.tsx';
import type { Provider } from '../providers.ts';
import { t } from '../words/i18n.ts';
import { words } from './words.ts';

interface ButtonProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  readonly refresh: () => Promise<void>;
}

/** Asks first: what was written into the account stays there unless it is removed while the access works. */
export function DisconnectButton({ provider, status, refresh }: ButtonProps) {
  const { api } = useWorkspace();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [removeEvents, setRemoveEvents] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const account = status.account?.email ?? words.connection.unknownAccount;
  const events = status.eventsInAccount;
  const removable = status.status !== 'reconnect_required';

  const disconnect = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const { state } = await api(provider.id).disconnect(removeEvents && removable && events > 0);
      setOpen(false);
      tellDone(state === 'removing' ? words.connection.removing : words.connection.disconnected);
      await refresh();
    } catch (error) {
      setFailure(asFailure(error, `${provider.id}-connect`));
    } finally {
      setBusy(false);
    }
  };
  const ask = () => {
    setRemoveEvents(false);
    setFailure(null);
    setOpen(true);
  };

  return (
    <>
      <button type='button' class='danger-quiet' onClick={ask}>{words.connection.disconnect}</button>
      {open && (
        <Modal
          title={words.connection.disconnectTitle(account)}
          busy={busy}
          onClose={() => setOpen(false)}
          onSubmit={disconnect}
        >
          <p>{words.connection.disconnectText(account)}</p>
          <p>{events === 0 ? words.connection.noEvents : words.connection.eventsStay(events)}</p>
          {events > 0 && (
            <label class='check'>
              <input
                type='checkbox'
                name='removeEvents'
                checked={removeEvents && removable}
                disabled={!removable}
                onChange={({ currentTarget: { checked } }) => setRemoveEvents(checked)}
              />
              <span>
                {words.connection.removeEvents(events)}
                {!removable && <span class='hint'>{words.connection.removeImpossible}</span>}
              </span>
            </label>
          )}
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
