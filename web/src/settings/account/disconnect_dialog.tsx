/** Asks before an account is disconnected: what was written there stays unless it is removed while the access works. */
import { useState } from 'preact/hooks';
import type { IntegrationStatus } from '../../backend/api.ts';
import { asFailure, type Failure } from '../../backend/failure.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { Modal } from '../../parts/modal.tsx';
import { FailureNote, tellDone } from '../../parts/notices.tsx';
import type { Provider } from '../../providers.ts';
import { t } from '../../words/i18n.ts';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

export interface DisconnectProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  readonly refresh: () => Promise<void>;
  readonly onClose: () => void;
}

export function DisconnectDialog({ provider, status, refresh, onClose }: DisconnectProps) {
  const { api } = useWorkspace();
  const [busy, setBusy] = useState(false);
  const [removeEvents, setRemoveEvents] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const account = status.account?.email ?? settings.connection.unknownAccount;
  const events = status.eventsInAccount;
  const removable = status.status !== 'reconnect_required';

  const disconnect = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const { state } = await api(provider.id).disconnect(removeEvents && removable && events > 0);
      onClose();
      tellDone(state === 'removing' ? settings.connection.removing : words.disconnect.disconnected);
      await refresh();
    } catch (error) {
      setFailure(asFailure(error, `${provider.id}-connect`));
      setBusy(false);
    }
  };

  return (
    <Modal
      title={words.disconnect.title(account)}
      busy={busy}
      onClose={onClose}
      onSubmit={disconnect}
    >
      <p>{words.disconnect.text(account)}</p>
      <p>{events === 0 ? words.disconnect.noEvents : words.disconnect.eventsStay(events)}</p>
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
            {words.disconnect.removeEvents(events)}
            {!removable && <span class='hint'>{words.disconnect.removeImpossible}</span>}
          </span>
        </label>
      )}
      {failure !== null && <FailureNote failure={failure} />}
      <div class='buttons'>
        <button type='button' onClick={onClose} disabled={busy}>{t.app.cancel}</button>
        <button type='submit' class='danger' disabled={busy} aria-busy={busy}>{settings.connection.disconnect}</button>
      </div>
    </Modal>
  );
}
