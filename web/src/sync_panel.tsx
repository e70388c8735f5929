/** "Sync now": its result, what waits, and what failed, with a way to try again. */
import { useEffect, useState } from 'preact/hooks';
import type { Api, IntegrationStatus, SyncSummary } from './api.ts';
import { describe } from './appointment_row.tsx';
import { errorMessage, formatMoment, t } from './i18n.ts';
import { Link } from './navigation.tsx';
import { tellDone, tellFailure } from './notices.tsx';
import type { Provider } from './providers.ts';
import { type Appointment, type Membership, patientName, type Tables } from './tables.ts';

const COUNTS = ['created', 'updated', 'deleted', 'skipped', 'failed', 'remaining'] as const;

interface Trouble {
  readonly rdvId: string;
  readonly appointment: Appointment | null;
  readonly reason: string;
}

interface PanelProps {
  readonly api: Api;
  readonly provider: Provider;
  readonly tables: Tables;
  readonly member: Membership;
  readonly status: IntegrationStatus;
  readonly refresh: () => Promise<void>;
}

export function SyncPanel({ api, provider, tables, member, status, refresh }: PanelProps) {
  const [summary, setSummary] = useState<SyncSummary | null>(null);
  const [busy, setBusy] = useState(false);
  const [troubles, setTroubles] = useState<readonly Trouble[]>([]);
  const zone = member.organisation.timezone;

  // The tables know the failures that wait for a person; a summary also names those that will be tried again by themselves.
  const readTroubles = async () => {
    const links = await tables.failedLinks(member, provider.id);
    const reasons = new Map(
      (summary?.failures ?? []).map((
        { rdvId, reason },
      ) => [rdvId, errorMessage(reason, t.sync.skipped[reason] ?? reason)]),
    );
    for (const { rdv_id, last_error } of links) {
      reasons.set(rdv_id, errorMessage(last_error?.code, last_error?.message ?? t.sync.unknownReason));
    }
    const appointments = await tables.appointments([...reasons.keys()]);
    setTroubles(
      [...reasons].map(([rdvId, reason]) => ({ rdvId, reason, appointment: appointments.get(rdvId) ?? null })),
    );
  };
  useEffect(() => {
    readTroubles().catch((error) => tellFailure(error, 'links.read'));
  }, [status.failed, status.lastSyncAt, summary]);

  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    try {
      await action();
    } catch (error) {
      tellFailure(error, `${provider.id}-sync`);
    }
    await refresh();
    setBusy(false);
  };
  const syncNow = () =>
    run(async () => {
      setSummary(null);
      setSummary(await api.syncNow());
    });
  const retry = (rdvIds?: readonly string[]) =>
    run(async () => {
      await api.retry(rdvIds);
      tellDone(t.integration.retrying);
    });

  return (
    <section class='card' aria-labelledby='sync-title'>
      <div class='card-title'>
        <h2 id='sync-title'>{t.integration.syncTitle}</h2>
        <button type='button' class='primary' disabled={busy} aria-busy={busy} onClick={syncNow}>
          {busy ? t.integration.syncing : t.integration.syncNow}
        </button>
      </div>
      <dl class='facts'>
        <dt>{t.integration.pending}</dt>
        <dd>{status.pending ?? 0}</dd>
        <dt>{t.integration.failed}</dt>
        <dd>{status.failed ?? 0}</dd>
      </dl>
      <div role='status'>
        {summary !== null && (
          <>
            <h3>{t.integration.summaryTitle}</h3>
            <dl class='counts'>
              {COUNTS.map((count) => (
                <div key={count} data-count={count}>
                  <dt>{t.integration.summary[count]}</dt>
                  <dd>{summary[count]}</dd>
                </div>
              ))}
            </dl>
            {summary.remaining > 0 && <p class='hint'>{t.integration.goesOn}</p>}
          </>
        )}
      </div>
      <Troubles troubles={troubles} zone={zone} busy={busy} retry={retry} />
    </section>
  );
}

interface TroublesProps {
  readonly troubles: readonly Trouble[];
  readonly zone: string;
  readonly busy: boolean;
  readonly retry: (rdvIds?: readonly string[]) => void;
}

function Troubles({ troubles, zone, busy, retry }: TroublesProps) {
  if (troubles.length === 0) return null;
  return (
    <>
      <div class='card-title'>
        <h3>{t.integration.failuresTitle}</h3>
        {troubles.length > 1 && (
          <button type='button' disabled={busy} onClick={() => retry()}>{t.integration.retryAll}</button>
        )}
      </div>
      <ul class='troubles'>
        {troubles.map(({ rdvId, appointment, reason }) => {
          const what = appointment === null ? t.integration.deletedAppointment : describe(appointment, zone);
          return (
            <li key={rdvId} data-rdv={rdvId}>
              <div>
                <p class='row-title'>
                  {appointment === null ? what : <AppointmentLink appointment={appointment} zone={zone} />}
                </p>
                <p class='sync-reason'>{reason}</p>
              </div>
              <button
                type='button'
                disabled={busy}
                aria-label={t.appointments.actionOn(t.app.retry, what)}
                onClick={() => retry([rdvId])}
              >
                {t.app.retry}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function AppointmentLink({ appointment, zone }: { appointment: Appointment; zone: string }) {
  const who = patientName(appointment) ?? appointment.type;
  return (
    <Link to={`/calendar?rdv=${appointment.id}`}>
      {appointment.starts_at === null ? who : `${who}, ${formatMoment(appointment.starts_at, zone)}`}
    </Link>
  );
}
