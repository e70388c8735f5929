/** Another account was consented to than the one that is, or was, connected: nothing changes before the person says what to do. */
import { useState } from 'preact/hooks';
import type { SwitchAction } from '../../../../supabase/functions/_shared/vocabulary.ts';
import type { IntegrationStatus } from '../../backend/api.ts';
import { asFailure, type Failure } from '../../backend/failure.ts';
import type { Live } from '../../backend/live.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { Choice } from '../../parts/fields.tsx';
import { Modal } from '../../parts/modal.tsx';
import { FailureNote, tellDone } from '../../parts/notices.tsx';
import type { Provider } from '../../providers.ts';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

export interface OtherProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  /** Of the account that waits. */
  readonly pending: NonNullable<IntegrationStatus['pendingAccount']>;
  readonly live: Live<IntegrationStatus>;
}

export function OtherAccount({ provider, status, pending, live }: OtherProps) {
  const { api } = useWorkspace();
  const [open, setOpen] = useState(true);
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState<SwitchAction | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const before = status.account?.email ?? settings.connection.unknownAccount;
  const after = pending.email ?? settings.connection.unknownAccount;
  const events = status.eventsInAccount;
  const reachable = status.connected && status.status !== 'reconnect_required';
  const options: readonly SwitchAction[] = events === 0
    ? ['replace', 'keep']
    : ['remove_and_replace', 'replace', 'keep'];
  const labels: Readonly<Record<SwitchAction, readonly [string, string]>> = {
    remove_and_replace: [words.other.removeAndReplace(before, events), words.other.removeAndReplaceHint(after)],
    replace: [words.other.replace(events), words.other.replaceHint(before, after, events)],
    keep: [
      status.connected ? words.other.keep(before) : words.other.keepEnded(after),
      words.other.keepHint(after),
    ],
  };

  const decide = async () => {
    if (chosen === null) return;
    setBusy(true);
    setFailure(null);
    try {
      const answer = await api(provider.id).switchAccount(chosen);
      setOpen(false);
      live.set(answer);
      tellDone(
        chosen === 'keep'
          ? status.connected ? words.other.kept(before) : words.other.keptEnded(after)
          : answer.removingEvents
          ? settings.connection.removingFirst(before, after)
          : words.other.replaced(after),
      );
    } catch (error) {
      setFailure(asFailure(error, `${provider.id}-connect`));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div class='banner banner-warning'>
        <p>{words.other.waiting(after)}</p>
        <button type='button' onClick={() => setOpen(true)}>{words.other.decide}</button>
      </div>
      {open && (
        <Modal title={words.other.title} busy={busy} onClose={() => setOpen(false)} onSubmit={decide}>
          <p>{status.connected ? words.other.text(before, after) : words.other.textEnded(before, after, events)}</p>
          <Choice
            name='switch'
            legend={words.other.question}
            options={options}
            labels={labels}
            value={chosen}
            refused={(option) =>
              option === 'remove_and_replace' && !reachable ? words.other.removeImpossible(before) : null}
            onChange={setChosen}
          />
          {failure !== null && <FailureNote failure={failure} />}
          <div class='buttons'>
            <button type='button' disabled={busy} onClick={() => setOpen(false)}>{words.other.later}</button>
            <button type='submit' class='primary' disabled={chosen === null || busy} aria-busy={busy}>
              {words.other.confirm}
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}
