import type { SupabaseClient } from '@supabase/supabase-js';
import { useState } from 'preact/hooks';
import { Failure } from './failure.ts';
import { t } from './i18n.ts';
import { FailureNote } from './notices.tsx';

export function LoginPage({ client }: { client: SupabaseClient }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const signIn = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFailure(null);
    const { error } = await client.auth.signInWithPassword({
      email: String(form.get('email')).trim(),
      password: String(form.get('password')),
    });
    setBusy(false);
    if (error === null) return;
    const message = error.code === 'invalid_credentials'
      ? t.login.refused
      : error.status
      ? t.failure.signIn
      : t.failure.network;
    setFailure(new Failure(message, { code: error.code ?? error.name, step: 'auth.signIn', details: error.message }));
  };

  return (
    <main id='content' class='login' tabIndex={-1}>
      <form class='card' onSubmit={signIn}>
        <img src='/favicon.svg' alt='' width='40' height='40' />
        <h1>{t.login.title}</h1>
        <label>
          {t.login.email}
          <input name='email' type='email' autocomplete='username' required />
        </label>
        <label>
          {t.login.password}
          <input name='password' type='password' autocomplete='current-password' required />
        </label>
        {failure !== null && <FailureNote failure={failure} />}
        <button type='submit' class='primary' aria-busy={busy} disabled={busy}>{t.login.submit}</button>
      </form>
    </main>
  );
}
