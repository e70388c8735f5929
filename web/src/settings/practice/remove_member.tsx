/** Asks before a person leaves the practice: their access ends, and the events in their calendars are offered for removal. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../backend/ask.ts';
import { asFailure, type Failure } from '../../backend/failure.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { Modal } from '../../parts/modal.tsx';
import { FailureNote, tellDone } from '../../parts/notices.tsx';
import { providerOf } from '../../providers.ts';
import { language, t } from '../../words/i18n.ts';
import { words as settings } from '../words.ts';
import type { Member } from './members_card.tsx';
import { words } from './words.ts';

/** Answer of `member_connections`. */
interface MemberConnection {
  readonly provider: string;
  readonly accountEmail: string | null;
  readonly events: number;
  readonly grantWorks: boolean;
}

/** Answer of `remove_member`. */
interface Removal {
  readonly connections: ReadonlyArray<{ readonly events: number; readonly state: 'ended' | 'removing' }>;
}

interface RemoveProps {
  readonly one: Member;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

export function RemoveMember({ one, onClose, onRemoved }: RemoveProps) {
  const { backend } = useWorkspace();
  const [connections, setConnections] = useState<readonly MemberConnection[] | null>(null);
  const [removeEvents, setRemoveEvents] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    const request = backend.db.rpc('member_connections', { p_member: one.id }).abortSignal(
      abort.signal,
    );
    ask<MemberConnection[]>('members.connections', request).then(
      setConnections,
      (error) => abort.signal.aborted || setFailure(asFailure(error, 'members.connections')),
    );
    return () => abort.abort();
  }, [one.id]);

  const reachable = (connections ?? []).filter(({ grantWorks }) => grantWorks)
    .reduce((sum, { events }) => sum + events, 0);

  const remove = async () => {
    if (connections === null) return;
    setBusy(true);
    setFailure(null);
    try {
      const request = backend.db.rpc('remove_member', {
        p_member: one.id,
        p_remove_events: removeEvents && reachable > 0,
      });
      const { connections } = await ask<Removal>('members.remove', request);
      const removing = connections.filter(({ state }) => state === 'removing')
        .reduce((sum, { events }) => sum + events, 0);
      tellDone(
        removing > 0 ? words.members.removing(one.display_name, removing) : words.members.removed(one.display_name),
      );
      onRemoved();
    } catch (error) {
      setFailure(asFailure(error, 'members.remove'));
      setBusy(false);
    }
  };

  return (
    <Modal title={words.members.removeTitle(one.display_name)} busy={busy} onClose={onClose} onSubmit={remove}>
      <p>{words.members.removeText}</p>
      {connections === null && failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {connections?.length === 0 && <p>{words.members.noConnections}</p>}
      {connections !== null && connections.length > 0 && (
        <ul class='list'>
          {connections.map(({ provider, accountEmail, events, grantWorks }) => (
            <li key={`${provider} ${accountEmail}`}>
              {words.members.connection(
                providerOf(provider)?.calendar[language] ?? provider,
                accountEmail ?? settings.connection.unknownAccount,
                events,
              )}
              {!grantWorks && events > 0 && <span class='hint'>{words.members.unreachable}</span>}
            </li>
          ))}
        </ul>
      )}
      {reachable > 0 && (
        <label class='check'>
          <input
            type='checkbox'
            name='removeEvents'
            checked={removeEvents}
            onChange={({ currentTarget: { checked } }) => setRemoveEvents(checked)}
          />
          <span>
            {words.members.removeEvents(reachable)}
            <span class='hint'>{words.members.removeEventsHint}</span>
          </span>
        </label>
      )}
      {failure !== null && <FailureNote failure={failure} />}
      <div class='buttons'>
        <button type='button' disabled={busy} onClick={onClose}>{t.app.cancel}</button>
        <button type='submit' class='danger' disabled={busy || connections === null} aria-busy={busy}>
          {words.members.remove}
        </button>
      </div>
    </Modal>
  );
}
