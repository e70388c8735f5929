import { useEffect, useRef, useState } from 'preact/hooks';
import type { Backend } from '../backend/backend.ts';
import { Failure } from '../backend/failure.ts';
import { LanguageLink } from '../parts/language_link.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { usePageTitle } from '../parts/page_title.ts';
import { t } from '../words/i18n.ts';

export function LoginPage({ backend }: { backend: Backend }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  usePageTitle(t.login.title);
  const email = useRef<HTMLInputElement>(null);
  useEffect(() => email.current?.focus(), []);
  const [sent, setSent] = useState(false);
  const forgotten = async () => {
    if (!email.current!.reportValidity()) return;
    setBusy(true);
    setFailure(null);
    const redirectTo = `${location.origin}/login`;
    const { error } = await backend.auth.resetPasswordForEmail(email.current!.value.trim(), { redirectTo });
    setBusy(false);
    if (error === null) return setSent(true);
    const code = error.status === 429 ? 'RATE_LIMITED' : error.code ?? error.name;
    const message = error.status === 429 ? t.login.tooOften : error.status ? t.login.notSent : t.failure.network;
    setFailure(new Failure(message, { code, step: 'auth.forgotten', details: error.message }));
  };

  const signIn = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFailure(null);
    const { error } = await backend.auth.signInWithPassword({
      email: String(form.get('email')).trim(),
      password: String(form.get('password')),
    });
    setBusy(false);
    if (error === null) return;
    const code = error.status === 429 ? 'RATE_LIMITED' : error.code ?? error.name;
    const message = code === 'invalid_credentials'
      ? t.login.refused
      : code === 'RATE_LIMITED'
      ? t.login.tooOften
      : error.status
      ? t.failure.signIn
      : t.failure.network;
    setFailure(new Failure(message, { code, step: 'auth.signIn', details: error.message }));
  };

  return (
    <main id='content' class='login' tabIndex={-1}>
      <form class='card' onSubmit={signIn}>
        <img src='/favicon.svg' alt='' width='40' height='40' />
        <h1>{t.login.title}</h1>
        {backend.sessionEnded() && failure === null && <p class='banner' role='status'>{t.login.ended}</p>}
        <label>
          {t.login.email}
          <input ref={email} name='email' type='email' autocomplete='username' required />
        </label>
        <label>
          {t.login.password}
          <input name='password' type='password' autocomplete='current-password' required />
        </label>
        {sent && failure === null && <p class='banner' role='status'>{t.login.sent}</p>}
        {failure !== null && <FailureNote failure={failure} />}
        <button type='submit' class='primary' aria-busy={busy} disabled={busy}>
          {busy ? t.login.busy : t.login.submit}
        </button>
        <div class='login-foot'>
          <button type='button' class='quiet' disabled={busy} onClick={forgotten}>{t.login.forgotten}</button>
          <LanguageLink />
        </div>
      </form>
    </main>
  );
}
