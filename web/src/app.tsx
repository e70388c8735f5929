/** The frame: who is signed in, for which practice, on which page. */
import type { Session, SupabaseClient } from '@supabase/supabase-js';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { createApi } from './api.ts';
import { AppointmentsPage } from './appointments_page.tsx';
import type { Backend } from './config.ts';
import { asFailure, type Failure } from './failure.ts';
import { language, t } from './i18n.ts';
import { IntegrationPage } from './integration_page.tsx';
import { LoginPage } from './login_page.tsx';
import { Link, navigate, safeReturnPath, usePlace } from './navigation.tsx';
import { FailureNote, Notices } from './notices.tsx';
import { PROVIDERS, settingsPath } from './providers.ts';
import { readSetting, writeSetting } from './settings.ts';
import { createTables, type Membership, type Tables } from './tables.ts';
import { sameClock } from './zoned_time.ts';

interface AppProps {
  readonly backend: Backend;
  readonly client: SupabaseClient;
}

export function App({ backend, client }: AppProps) {
  const session = useSession(client);
  const place = usePlace();
  const signedIn = session !== null && session !== undefined;

  useEffect(() => {
    if (session === null && place.path !== '/login') {
      const next = location.pathname + location.search;
      navigate(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`, { replace: true });
    } else if (signedIn && place.path === '/login') {
      navigate(safeReturnPath(place.query.get('next')), { replace: true });
    }
  }, [session === null, signedIn, place.path]);

  return (
    <>
      <a class='skip' href='#content'>{t.app.skip}</a>
      {session === undefined && <p class='page loading' role='status'>{t.app.loading}</p>}
      {session === null && place.path === '/login' && <LoginPage client={client} />}
      {signedIn && place.path !== '/login' && (
        <Workspace key={session.user.id} backend={backend} client={client} userId={session.user.id} />
      )}
      <Notices />
    </>
  );
}

/** Undefined until known, null when signed out. */
function useSession(client: SupabaseClient): Session | null | undefined {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    // Fires at once with the stored session, then at every change.
    const { data } = client.auth.onAuthStateChange((_, current) => setSession(current));
    return () => data.subscription.unsubscribe();
  }, [client]);
  return session;
}

function Workspace({ backend, client, userId }: AppProps & { userId: string }) {
  const tables = useMemo(() => createTables(client), [client]);
  const [memberships, setMemberships] = useState<readonly Membership[] | Failure | null>(null);
  const [organisationId, setOrganisationId] = useState(() => readSetting('organisation'));
  const place = usePlace();

  const load = () => {
    setMemberships(null);
    tables.memberships(userId).then(setMemberships, (error) => setMemberships(asFailure(error, 'memberships.read')));
  };
  useEffect(load, [tables, userId]);

  const known = Array.isArray(memberships) ? memberships as readonly Membership[] : [];
  const member = known.find(({ organisation }) => organisation.id === organisationId) ?? known[0];
  const choose = (id: string) => {
    writeSetting('organisation', id);
    setOrganisationId(id);
  };

  return (
    <>
      <Header members={known} current={member} choose={choose} path={place.path} client={client} />
      <main id='content' class='page' tabIndex={-1}>
        {memberships === null && <p class='loading' role='status'>{t.app.loading}</p>}
        {memberships instanceof Error && (
          <>
            <FailureNote failure={memberships} />
            <button type='button' onClick={load}>{t.app.retry}</button>
          </>
        )}
        {Array.isArray(memberships) && member === undefined && <p>{t.app.noOrganisation}</p>}
        {member !== undefined && (
          <>
            <ZoneNotice zone={member.organisation.timezone} />
            <Page key={member.organisation.id} {...{ backend, client, tables, member, choose }} />
          </>
        )}
      </main>
    </>
  );
}

interface PageProps extends AppProps {
  readonly tables: Tables;
  readonly member: Membership;
  readonly choose: (organisationId: string) => void;
}

function Page({ backend, client, tables, member, choose }: PageProps) {
  const { path } = usePlace();
  const provider = PROVIDERS.find((one) => settingsPath(one) === path);
  const api = useMemo(() => {
    if (provider === undefined) return null;
    const token = async () => (await client.auth.getSession()).data.session?.access_token ?? null;
    return createApi({ backend, provider, organisationId: member.organisation.id, token });
  }, [backend, client, provider, member]);

  if (path === '/' || path === '/calendar') return <AppointmentsPage {...{ tables, member, choose }} />;
  if (provider !== undefined && api !== null) {
    return <IntegrationPage key={provider.id} api={api} provider={provider} tables={tables} member={member} />;
  }
  return (
    <>
      <h1>{t.app.notFound}</h1>
      <p>
        <Link to='/'>{t.app.backHome}</Link>
      </p>
    </>
  );
}

interface HeaderProps {
  readonly members: readonly Membership[];
  readonly current: Membership | undefined;
  readonly choose: (organisationId: string) => void;
  readonly path: string;
  readonly client: SupabaseClient;
}

function Header({ members, current, choose, path, client }: HeaderProps) {
  const address = new URL(location.href);
  address.searchParams.set('lang', language === 'fr' ? 'en' : 'fr');
  return (
    <header class='bar'>
      <Link to='/' class='brand'>
        <img src='/favicon.svg' alt='' width='24' height='24' />
        {t.app.name}
      </Link>
      <nav>
        <Link to='/' current={path === '/' || path === '/calendar'}>{t.app.appointments}</Link>
        <Link to={settingsPath(PROVIDERS[0])} current={path.startsWith('/settings/')}>{t.app.settings}</Link>
      </nav>
      <div class='bar-end'>
        {members.length > 1
          ? (
            <select
              aria-label={t.app.organisation}
              value={current?.organisation.id}
              onChange={(event) => choose(event.currentTarget.value)}
            >
              {members.map(({ organisation }) => (
                <option key={organisation.id} value={organisation.id}>{organisation.name}</option>
              ))}
            </select>
          )
          : <span class='organisation'>{current?.organisation.name}</span>}
        <a href={address.pathname + address.search} lang={language === 'fr' ? 'en' : 'fr'}>{t.app.otherLanguage}</a>
        <button type='button' class='quiet' onClick={() => void client.auth.signOut({ scope: 'local' })}>
          {t.app.signOut}
        </button>
      </div>
    </header>
  );
}

function ZoneNotice({ zone }: { zone: string }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return sameClock(zone, own, new Date().toISOString()) ? null : <p class='hint'>{t.app.zone(zone)}</p>;
}
