/** Who is linked to what, what the sync did, and the way out. */
import { useState } from 'preact/hooks';
import { useLive } from '../../backend/live.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { useAction } from '../../parts/action.ts';
import { Mark } from '../../parts/fields.tsx';
import { Link } from '../../parts/navigation.tsx';
import { FailureNote, Stale } from '../../parts/notices.tsx';
import { usePageTitle } from '../../parts/page_title.ts';
import { providerOf, settingsPath } from '../../providers.ts';
import { errorMessage, formatMoment, language, t } from '../../words/i18n.ts';
import { type Integration, readIntegrations, stateOf } from '../integrations.ts';
import { COUNTS, kindOf, readRuns, type Run } from './runs.ts';
import { StateBadge } from '../state_badge.tsx';
import { useUserEmail } from '../user_email.ts';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

const RUNS = 20;

export function SecurityPage() {
  const { backend, member } = useWorkspace();
  usePageTitle(settings.nav.security);
  const accounts = useLive(
    `accounts ${member.organisation.id}`,
    (signal) => readIntegrations(backend, member, signal),
    { tables: ['calendar_integrations'] },
  );
  return (
    <>
      <header>
        <h1>{settings.nav.security}</h1>
        <p class='lead'>{words.security.intro}</p>
      </header>
      <section class='card' aria-labelledby='accounts-title'>
        <h2 id='accounts-title'>{words.security.accounts}</h2>
        <Stale live={accounts} />
        {accounts.data === null && accounts.failure !== null && <FailureNote failure={accounts.failure} />}
        {accounts.data === null && accounts.failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
        {accounts.data !== null && <Accounts integrations={accounts.data} />}
      </section>
      <Journal integrations={accounts.data ?? []} />
      <SessionCard />
    </>
  );
}

function Accounts({ integrations }: { integrations: readonly Integration[] }) {
  const { member } = useWorkspace();
  const there = integrations.filter((one) => stateOf(one) !== 'none');
  if (there.length === 0) return <p class='hint'>{words.security.noAccounts}</p>;
  return (
    <ul class='rows'>
      {there.map((integration) => {
        const provider = providerOf(integration.provider);
        const name = provider?.calendar[language] ?? integration.provider;
        const mine = integration.user_id === member.userId;
        return (
          <li key={integration.id} data-provider={integration.provider}>
            <Mark name={name} color={provider?.color ?? ''} />
            <div class='row-main'>
              <p class='row-title'>{integration.account_email ?? settings.connection.unknownAccount}</p>
              <p class='hint'>
                {name} · {words.security.since(formatMoment(integration.created_at, member.organisation.timezone))}
                {!mine && ` · ${words.security.colleague}`}
              </p>
            </div>
            <StateBadge state={stateOf(integration)} />
            {mine && provider !== undefined && (
              <Link to={settingsPath(provider)} label={words.security.manageNamed(name)}>
                {words.security.manage}
              </Link>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Journal({ integrations }: { integrations: readonly Integration[] }) {
  const { backend, member } = useWorkspace();
  const [limit, setLimit] = useState(RUNS);
  const runs = useLive(
    `runs ${member.organisation.id}`,
    (signal) => readRuns(backend, member, limit + 1, signal),
    { tables: ['sync_runs'] },
  );
  const more = () => {
    setLimit(limit + RUNS);
    queueMicrotask(() => void runs.refresh());
  };
  return (
    <section class='card' aria-labelledby='journal-title'>
      <h2 id='journal-title'>{words.security.journal}</h2>
      {runs.data === null && runs.failure !== null && <FailureNote failure={runs.failure} />}
      {runs.data === null && runs.failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {runs.data?.length === 0 && <p class='hint'>{words.security.noRuns}</p>}
      {runs.data !== null && runs.data.length > 0 && (
        <ul class='rows'>
          {runs.data.slice(0, limit).map((run) => (
            <RunRow
              key={run.id}
              run={run}
              integration={integrations.find(({ id }) => id === run.integration_id)}
            />
          ))}
        </ul>
      )}
      {(runs.data?.length ?? 0) > limit && <button type='button' onClick={more}>{words.security.more}</button>}
    </section>
  );
}

function RunRow({ run, integration }: { run: Run; integration: Integration | undefined }) {
  const { member } = useWorkspace();
  const provider = providerOf(integration?.provider ?? '');
  const name = provider?.calendar[language] ?? '';
  const when = formatMoment(run.started_at, member.organisation.timezone);
  const parts = COUNTS.filter((key) => key !== 'skipped').filter((key) => run[key] > 0)
    .map((key) => words.security.changes[key](run[key]));
  const trouble = run.error !== null || run.failed > 0;
  return (
    <li data-run={run.id} data-direction={run.direction}>
      <div class='row-main'>
        <p class='row-title'>{[kindOf(run), name].filter(Boolean).join(' · ')}</p>
        <p class='hint'>
          <time dateTime={run.started_at}>{when}</time>
        </p>
      </div>
      <p class={trouble ? 'row-result row-trouble' : 'row-result'}>
        {run.error !== null
          ? errorMessage(run.error, run.error)
          : run.finished_at === null
          ? words.report.running
          : parts.length === 0
          ? words.security.nothing
          : parts.join(', ')}
      </p>
      {provider !== undefined && (
        <Link
          to={`${settingsPath(provider)}/report/${run.id}`}
          label={words.security.detailsOf(`${kindOf(run)}, ${when}`)}
        >
          {words.security.details}
        </Link>
      )}
    </li>
  );
}

function SessionCard() {
  const { backend } = useWorkspace();
  const email = useUserEmail(backend);
  const [busy, run] = useAction('auth.signOut');
  const signOut = (scope: 'local' | 'global') =>
    run(async () => {
      const error = await backend.signOut(scope);
      if (error !== null) throw error;
    });
  return (
    <section class='card' aria-labelledby='session-title'>
      <h2 id='session-title'>{words.security.session}</h2>
      <p>{words.security.signedInAs(email)}</p>
      <div class='buttons buttons-start'>
        <button type='button' disabled={busy} onClick={() => signOut('local')}>{words.security.signOutHere}</button>
        <button type='button' class='danger-quiet' disabled={busy} onClick={() => signOut('global')}>
          {words.security.signOutEverywhere}
        </button>
      </div>
    </section>
  );
}
