/** Where the link of a forgotten password leads: a new one, and in. */
import { useState } from 'preact/hooks';
import type { Backend } from '../backend/backend.ts';
import { Failure } from '../backend/failure.ts';
import { FailureNote } from '../parts/notices.tsx';
import { usePageTitle } from '../parts/page_title.ts';
import type { Recovery } from '../parts/recovery.ts';
import { t } from '../words/i18n.ts';

export interface NewPasswordProps {
  readonly backend: Backend;
  readonly recovery: Recovery;
  readonly onClose: () => void;
}

/** As the project's own setting. */
const SHORTEST = 10;

export function NewPassword({ backend: { auth }, recovery: { tokens }, onClose }: NewPasswordProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  usePageTitle(t.login.newTitle);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get('password'));
    setBusy(true);
    setFailure(null);
    const { error } = await renew(password);
    setBusy(false);
    if (error === null) return onClose();
    const message = error.status ? t.login.notChanged : t.failure.network;
    setFailure(
      new Failure(message, { code: error.code ?? error.name, step: 'auth.newPassword', details: error.message }),
    );
  };
  const renew = async (password: string) => {
    const opened = await auth.setSession(tokens!);
    return opened.error === null ? await auth.updateUser({ password }) : opened;
  };
  return (
    <main id='content' class='login' tabIndex={-1}>
      <form class='card' onSubmit={save}>
        <h1>{t.login.newTitle}</h1>
        {tokens === null ? <p class='banner' role='alert'>{t.login.linkOver}</p> : (
          <label>
            {t.login.newPassword}
            <input name='password' type='password' autocomplete='new-password' minLength={SHORTEST} required />
            <span class='hint'>{t.login.shortest(SHORTEST)}</span>
          </label>
        )}
        {failure !== null && <FailureNote failure={failure} />}
        <div class='buttons'>
          <button type='button' disabled={busy} onClick={onClose}>{t.app.cancel}</button>
          {tokens !== null && (
            <button type='submit' class='primary' disabled={busy} aria-busy={busy}>{t.app.save}</button>
          )}
        </div>
      </form>
    </main>
  );
}
