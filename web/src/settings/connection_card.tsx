/** The account behind a connection, and what can be done with it as a whole. */
import { useRef, useState } from 'preact/hooks';
import type { IntegrationStatus, SyncSummary } from '../backend/api.ts';
import type { Live } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { useAction } from '../parts/action.ts';
import { useAgo } from '../parts/ago.ts';
import { Counts, Progress } from '../parts/fields.tsx';
import { Link } from '../parts/navigation.tsx';
import type { Provider } from '../providers.ts';
import { errorMessage } from '../words/i18n.ts';
import { DisconnectButton } from './disconnect_button.tsx';
import { words } from './words.ts';

/** Fewer than this are sent before a bar could be read. */
const WORTH_A_BAR = 5;

interface CardProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  readonly live: Live<IntegrationStatus>;
}

export function ConnectionCard({ provider, status, live }: CardProps) {
  const { api } = useWorkspace();
  const [summary, setSummary] = useState<SyncSummary | null>(null);
  const [busy, run] = useAction(`${provider.id}-sync`);
  const working = status.status !== 'reconnect_required' && !status.removingEvents;
  const ok = status.status === 'connected';
  const started = status.settings?.export_enabled === true;

  const syncNow = async () => {
    setSummary(null);
    await run(async () => setSummary(await api(provider.id).syncNow()));
    await live.refresh();
  };
  const changeCalendar = () => {
    const picker = document.getElementById('target');
    picker?.scrollIntoView({ block: 'center' });
    picker?.focus();
  };

  return (
    <section class='card' aria-labelledby='connection-title'>
      <div class='card-title'>
        <h2 id='connection-title'>{words.connection.heading}</h2>
        <DisconnectButton provider={provider} status={status} refresh={live.refresh} />
      </div>
      <dl class='facts'>
        <dt>{words.connection.account}</dt>
        <dd>{status.account?.email ?? words.connection.unknownAccount}</dd>
        <dt>{words.connection.target}</dt>
        <dd>
          {status.targetCalendar === null ? words.connection.noTarget : (
            <>
              {status.targetCalendar.name ?? status.targetCalendar.id}
              <span class='hint calendar-id'>{words.connection.calendarId(status.targetCalendar.id)}</span>
            </>
          )}
        </dd>
        <dt>{words.connection.status}</dt>
        <dd>
          <span class='badge' data-state={ok ? 'connected' : 'error'} data-status={status.status}>
            {ok ? words.connection.ok : words.connection.failing}
          </span>{' '}
          {status.failed > 0 && (
            <a class='badge' data-state='error' href='#failures-title'>{words.failures.badge(status.failed)}</a>
          )}
          {status.status === 'connected' && status.lastError !== null && (
            <span class='hint'>{errorMessage(status.lastError.code, status.lastError.code)}</span>
          )}
        </dd>
        <dt>{words.connection.lastSync}</dt>
        <dd>{status.lastSyncAt === null ? words.connection.never : <LastSync at={status.lastSyncAt} />}</dd>
        <dt>{words.connection.waiting}</dt>
        <dd data-fact='pending'>{status.pending}</dd>
      </dl>
      {working && started && <ExportProgress pending={status.pending} />}
      {status.openConflicts > 0 && (
        <p class='banner banner-warning'>
          {words.connection.conflicts(status.openConflicts)}{' '}
          <Link to='/conflicts'>{words.connection.seeConflicts}</Link>
        </p>
      )}
      <div role='status' class='result'>
        {summary !== null && (
          <>
            <h3>{words.connection.summaryTitle}</h3>
            <Counts labels={words.connection.summary} counts={counted(summary)} />
            {summary.remaining > 0 && <p class='hint'>{words.connection.goesOn}</p>}
          </>
        )}
      </div>
      {working && started && (
        <div class='buttons'>
          {status.paused !== null && <span id='export-paused' class='hint unsaved'>{words.paused.short}</span>}
          <button type='button' onClick={changeCalendar}>{words.connection.changeCalendar}</button>
          <button
            type='button'
            class='primary'
            disabled={busy || status.paused !== null}
            aria-busy={busy}
            aria-describedby={status.paused === null ? undefined : 'export-paused'}
            onClick={syncNow}
          >
            {busy ? words.connection.syncing : words.connection.syncNow}
          </button>
        </div>
      )}
    </section>
  );
}

function counted({ failures: _, ...counts }: SyncSummary): Readonly<Record<string, number>> {
  return counts;
}

function LastSync({ at }: { at: string }) {
  const { member } = useWorkspace();
  return <time dateTime={at}>{useAgo(at, member.organisation.timezone)}</time>;
}

/** How far a backlog has come: what waited at most since the page was opened is the whole. */
function ExportProgress({ pending }: { pending: number }) {
  const most = useRef(0);
  most.current = pending === 0 ? 0 : Math.max(most.current, pending);
  if (most.current < WORTH_A_BAR) return null;
  const done = most.current - pending;
  return (
    <div class='stack-tight'>
      <Progress value={done} max={most.current}>{words.connection.progress(done, most.current)}</Progress>
      <p class='hint'>{words.connection.progressHint}</p>
    </div>
  );
}
