/** The frame: who is signed in, for which practice, on which page. */
import type { Session } from '@supabase/auth-js';
import type { ComponentChildren } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Api, createApi } from './backend/api.ts';
import { ask } from './backend/ask.ts';
import type { Backend } from './backend/backend.ts';
import { asFailure, type Failure } from './backend/failure.ts';
import { useLive } from './backend/live.ts';
import { type Membership, readMemberships } from './backend/members.ts';
import { changeFeed } from './backend/realtime.ts';
import { type Failed, useWorkspace, type Workspace, WorkspaceContext } from './backend/workspace.ts';
import { LoginPage } from './login/login_page.tsx';
import type { NewPasswordProps } from './login/new_password.tsx';
import { LanguageLink } from './parts/language_link.tsx';
import { lazy } from './parts/lazy.tsx';
import { leave, LeaveQuestion } from './parts/leaving.tsx';
import { Link, navigate, usePlace } from './parts/navigation.tsx';
import { NotFound } from './parts/not_found.tsx';
import { FailureNote, Notices, Offline } from './parts/notices.tsx';
import { endRecovery, heldRecovery } from './parts/recovery.ts';
import { readRemembered, remember } from './parts/remembered.ts';
import { safeReturnPath } from './parts/return_path.ts';
import { providerOf, settingsPath } from './providers.ts';
import { t } from './words/i18n.ts';
import { sameClock } from '../../supabase/functions/_shared/zoned_time.ts';

const asked = (path: string) => location.pathname.startsWith(path);
const CalendarPage = lazy(
  async () => (await import('./calendar/calendar_page.tsx')).CalendarPage,
  asked('/calendar') || location.pathname === '/',
);
const ConflictsPage = lazy(
  async () => (await import('./conflicts/conflicts_page.tsx')).ConflictsPage,
  asked('/conflicts'),
);
const SettingsPage = lazy(async () => (await import('./settings/settings_page.tsx')).SettingsPage, asked('/settings'));

const NewPassword = lazy<NewPasswordProps>(async () => (await import('./login/new_password.tsx')).NewPassword);

export function App({ backend }: { backend: Backend }) {
  const session = useSession(backend);
  const { path, query } = usePlace();
  const [recovering, setRecovering] = useState(heldRecovery);
  const signedIn = session !== null && session !== undefined;

  useEffect(() => {
    if (recovering !== null) return;
    if (session === null && path !== '/login') {
      const next = location.pathname + location.search;
      navigate(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`, { replace: true });
    } else if (signedIn && path === '/login') {
      navigate(safeReturnPath(query.get('next'), location.origin), { replace: true });
    }
  }, [session === null, signedIn, path, recovering]);

  if (recovering !== null && session !== undefined) {
    const close = () => {
      endRecovery();
      setRecovering(null);
    };
    return <NewPassword backend={backend} recovery={recovering} onClose={close} />;
  }
  return (
    <>
      <a class='skip' href='#content'>{t.app.skip}</a>
      <Offline />
      {session === undefined && <p class='page loading' role='status'>{t.app.loading}</p>}
      {session === null && path === '/login' && <LoginPage backend={backend} />}
      {signedIn && path !== '/login' && <SignedIn key={session.user.id} backend={backend} userId={session.user.id} />}
      <Notices />
    </>
  );
}

/** Undefined until known, null when signed out. */
function useSession({ auth }: Backend): Session | null | undefined {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    // Fires at once with the stored session, then at every change.
    const { data } = auth.onAuthStateChange((_, current) => setSession(current));
    return () => data.subscription.unsubscribe();
  }, [auth]);
  return session;
}

function SignedIn({ backend, userId }: { backend: Backend; userId: string }) {
  const [memberships, setMemberships] = useState<readonly Membership[] | Failure | null>(null);
  const [organisationId, setOrganisationId] = useState(() => readRemembered('organisation'));

  const load = useCallback(async () => {
    try {
      setMemberships(await readMemberships(backend, userId));
    } catch (error) {
      // What is known stays known: a later failure must not take the page away.
      setMemberships((before) => Array.isArray(before) ? before : asFailure(error, 'memberships.read'));
    }
  }, [backend, userId]);
  useEffect(() => void load(), [load]);

  const known = Array.isArray(memberships) ? memberships as readonly Membership[] : [];
  const member = known.find(({ organisation }) => organisation.id === organisationId) ?? known[0];
  const choose = useCallback((id: string) => {
    remember('organisation', id);
    setOrganisationId(id);
  }, []);

  const amend = useCallback((amended: Membership) => {
    setMemberships((before) =>
      Array.isArray(before) ? before.map((each) => each.memberId === amended.memberId ? amended : each) : before
    );
  }, []);

  if (member !== undefined) {
    return (
      <InPractice
        key={member.organisation.id}
        {...{ backend, member, memberships: known, choose, amend }}
      />
    );
  }
  return (
    <>
      <Header backend={backend} />
      <Main>
        {memberships === null && <p class='loading' role='status'>{t.app.loading}</p>}
        {memberships instanceof Error && (
          <div class='stack'>
            <FailureNote failure={memberships} />
            <button
              type='button'
              onClick={() => {
                setMemberships(null);
                void load();
              }}
            >
              {t.app.retry}
            </button>
          </div>
        )}
        {Array.isArray(memberships) && <p>{t.app.noOrganisation}</p>}
      </Main>
    </>
  );
}

type PracticeProps = Pick<Workspace, 'backend' | 'member' | 'memberships' | 'choose' | 'amend'>;

function InPractice({ backend, member, memberships, choose, amend }: PracticeProps) {
  const { id } = member.organisation;
  const feed = useMemo(() => changeFeed(backend, id), [backend, id]);
  useEffect(() => () => feed.close(), [feed]);
  const api = useMemo(() => {
    const known = new Map<string, Api>();
    return (provider: string) => {
      let found = known.get(provider);
      if (found === undefined) known.set(provider, found = createApi(backend, id, provider));
      return found;
    };
  }, [backend, id]);
  const workspace = useMemo<Workspace>(
    () => ({ backend, member, memberships, feed, api, choose, amend, openConflicts: null, failed: null }),
    [backend, member, memberships, feed, api, choose, amend],
  );
  return (
    <WorkspaceContext.Provider value={workspace}>
      <Counted>
        <Header backend={backend} />
        <Main>
          <ZoneNotice zone={member.organisation.timezone} />
          <Page />
        </Main>
        <LeaveQuestion />
      </Counted>
    </WorkspaceContext.Provider>
  );
}

/** Counts what waits for the user, for the navigation and for the pages that show it. */
function Counted({ children }: { children: ComponentChildren }) {
  const workspace = useWorkspace();
  const { backend, member } = workspace;
  const { id } = member.organisation;
  const open = useLive(`conflicts ${id}`, async (signal) => {
    const request = backend.db.from('sync_conflicts').select('id').eq('organisation_id', id)
      .eq('user_id', member.userId).eq('status', 'open').limit(100).abortSignal(signal);
    return (await ask<unknown[]>('conflicts.count', request)).length;
  }, { tables: ['sync_conflicts'] });
  const failed = useLive(
    `failed ${id}`,
    (signal) =>
      ask<Failed>(
        'failures.count',
        backend.db.rpc('failed_appointments', { p_organisation: id }).abortSignal(signal),
      ),
    { tables: ['appointment_external_links', 'calendar_integrations'] },
  );
  const counted = useMemo(
    () => ({ ...workspace, openConflicts: open.data, failed: failed.data }),
    [workspace, open.data, failed.data],
  );
  return <WorkspaceContext.Provider value={counted}>{children}</WorkspaceContext.Provider>;
}

function Page() {
  const { path } = usePlace();
  useEffect(() => {
    if (path === '/') navigate('/calendar' + location.search, { replace: true });
  }, [path]);
  if (path === '/') return null;
  if (path === '/calendar') return <CalendarPage />;
  if (path === '/conflicts') return <ConflictsPage />;
  if (path === '/settings' || path.startsWith('/settings/')) return <SettingsPage />;
  return <NotFound />;
}

/** The content. Going to another page moves the focus here, as loading a page would. */
function Main({ children }: { children: ComponentChildren }) {
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return <main id='content' ref={main} class='page' tabIndex={-1}>{children}</main>;
}

/** Before the practice is known, it only offers to sign out. */
function Header({ backend }: { backend: Backend }) {
  return (
    <header class='bar'>
      <Link to='/calendar' class='brand' label={t.app.name}>
        <img src='/favicon.svg' alt='' width='24' height='24' />
        <span>{t.app.name}</span>
      </Link>
      <Sections />
      <div class='bar-end'>
        <OrganisationSwitcher />
        <LanguageLink />
        <button type='button' class='quiet' onClick={() => leave(() => void backend.signOut('local'))}>
          {t.app.signOut}
        </button>
      </div>
    </header>
  );
}

function Sections() {
  const workspace = useContext(WorkspaceContext);
  const { path } = usePlace();
  if (workspace === null) return null;
  const count = workspace.openConflicts ?? 0;
  return (
    <nav aria-label={t.app.mainNavigation}>
      <Link to='/calendar' current={path === '/calendar'}>{t.app.calendar}</Link>
      <Link to='/conflicts' current={path === '/conflicts'}>
        {t.app.conflicts}
        {count > 0 && (
          <>
            <span class='count' aria-hidden='true'>{count > 99 ? '99+' : count}</span>
            <span class='unseen'>, {count > 99 ? t.app.manyConflicts : t.app.conflictCount(count)}</span>
          </>
        )}
      </Link>
      <Link to='/settings' current={path.startsWith('/settings')}>{t.app.settings}</Link>
      <Failures failed={workspace.failed} />
    </nav>
  );
}

/** What could not be sent, and the way to it: to the connection, or to all of them where several have failures. */
function Failures({ failed }: { failed: Failed | null }) {
  const providers = Object.keys(failed ?? {}).flatMap((id) => providerOf(id) ?? []);
  const count = providers.reduce((sum, { id }) => sum + failed![id]!, 0);
  if (count === 0) return null;
  return (
    <Link to={providers.length === 1 ? settingsPath(providers[0]!) : '/settings/integrations'} class='failures-link'>
      <span class='failures-mark' aria-hidden='true'>!</span>
      <span>
        {count} <span class='unseen'>{t.app.failed.what(count)}</span>{' '}
        <span class='failures-word'>{t.app.failed.word}</span>
      </span>
    </Link>
  );
}

function OrganisationSwitcher() {
  const workspace = useContext(WorkspaceContext);
  if (workspace === null) return null;
  const { member, memberships, choose } = workspace;
  if (memberships.length < 2) return <span class='organisation'>{member.organisation.name}</span>;
  return (
    <select
      aria-label={t.app.organisation}
      value={member.organisation.id}
      onChange={({ currentTarget }) => {
        const wanted = currentTarget.value;
        currentTarget.value = member.organisation.id;
        leave(() => choose(wanted));
      }}
    >
      {memberships.map(({ organisation: { id, name } }) => <option key={id} value={id}>{name}</option>)}
    </select>
  );
}

function ZoneNotice({ zone }: { zone: string }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return sameClock(zone, own, new Date().toISOString()) ? null : <p class='hint'>{t.app.zone(zone)}</p>;
}
