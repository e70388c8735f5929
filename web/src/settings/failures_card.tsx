/** What could not be sent: which appointment, why, what to do about it, and another try. */
import { useState } from 'preact/hooks';
import type { IntegrationStatus } from '../backend/api.ts';
import { type Live, useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { useAction } from '../parts/action.ts';
import { Link } from '../parts/navigation.tsx';
import { FailureNote, tellDone } from '../parts/notices.tsx';
import type { Provider } from '../providers.ts';
import { errorMessage, formatMoment, said } from '../words/i18n.ts';
import { type FailedAppointment, readFailedAppointments, whoOf } from './failed_appointments.ts';
import { words } from './words.ts';

export interface FailuresProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  readonly live: Live<IntegrationStatus>;
}

/** Shown, and fetched, only where something failed. */
export function FailuresCard({ provider, status, live }: FailuresProps) {
  const { backend, api, member } = useWorkspace();
  const zone = member.organisation.timezone;
  const [busy, run] = useAction(`${provider.id}-sync`);
  const [retried, setRetried] = useState<string | null>(null);
  const failed = useLive(
    `failed ${member.organisation.id} ${provider.id}`,
    (signal) => readFailedAppointments(backend, member, provider.id, signal),
    { tables: ['appointment_external_links'] },
  );

  const retry = async (rdvId?: string) => {
    setRetried(rdvId ?? null);
    const started = await run(() => api(provider.id).retry(rdvId === undefined ? undefined : [rdvId]));
    if (started) tellDone(words.failures.retrying);
    await Promise.all([live.refresh(), failed.refresh()]);
  };
  const list = failed.data ?? [];

  return (
    <section class='card card-failures' aria-labelledby='failures-title'>
      <div class='card-title'>
        <h2 id='failures-title'>{words.failures.heading}</h2>
        {list.length > 1 && (
          <button
            type='button'
            disabled={busy}
            aria-busy={busy && retried === null}
            onClick={() => retry()}
          >
            {words.failures.retryAll}
          </button>
        )}
      </div>
      <p role='status' data-fact='failed'>{words.failures.count(status.failed)}</p>
      {failed.failure !== null && <FailureNote failure={failed.failure} />}
      {list.length > 0 && (
        <ul class='troubles'>
          {list.map((one) => (
            <Trouble
              key={one.rdvId}
              trouble={one}
              zone={zone}
              busy={busy}
              onRetry={() => retry(one.rdvId)}
            />
          ))}
        </ul>
      )}
      {list.length > 0 && status.failed > list.length && <p class='hint'>{words.failures.latest(list.length)}</p>}
    </section>
  );
}

interface TroubleProps {
  readonly trouble: FailedAppointment;
  readonly zone: string;
  readonly busy: boolean;
  readonly onRetry: () => void;
}

function Trouble({ trouble: { rdvId, code, message, appointment }, zone, busy, onRetry }: TroubleProps) {
  const who = appointment === null ? words.failures.deletedAppointment : whoOf(appointment);
  const when = appointment?.starts_at ? formatMoment(appointment.starts_at, zone) : null;
  return (
    <li data-rdv={rdvId} data-code={code}>
      <div>
        <p class='row-title'>
          {appointment === null
            ? who
            : <Link to={`/calendar?rdv=${rdvId}`}>{when === null ? who : `${who}, ${when}`}</Link>}
        </p>
        <p>{errorMessage(code, message ?? words.failures.unknown)}</p>
        <p class='hint'>
          <strong>{words.failures.todo}</strong> {said(words.failures.advice, code) ?? words.failures.defaultAdvice}
        </p>
      </div>
      <button type='button' disabled={busy} aria-label={words.failures.retryNamed(who)} onClick={onRetry}>
        {words.failures.retry}
      </button>
    </li>
  );
}
