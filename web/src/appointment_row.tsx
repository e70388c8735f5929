import { errorMessage, formatTime, language, t } from './i18n.ts';
import { PROVIDERS } from './providers.ts';
import { type Appointment, type Integration, type Link, patientName } from './tables.ts';

/** « Alice Durand, 09:00 » : what tells one appointment from another in a sentence. */
export function describe(appointment: Appointment, zone: string): string {
  const who = patientName(appointment) ?? appointment.type;
  return appointment.starts_at === null ? who : `${who}, ${formatTime(appointment.starts_at, zone)}`;
}

interface RowProps {
  readonly appointment: Appointment;
  readonly integrations: readonly Integration[];
  /** The appointment's own. */
  readonly links: readonly Link[];
  readonly zone: string;
  readonly busy: boolean;
  readonly onEdit: (appointment: Appointment) => void;
  readonly onCancel: (appointment: Appointment) => void;
  readonly onRestore: (appointment: Appointment) => void;
  readonly onRemove: (appointment: Appointment) => void;
}

export function AppointmentRow({ appointment, integrations, links, zone, busy, ...on }: RowProps) {
  const { starts_at: start, ends_at: end, type, act, location, practitioner } = appointment;
  const cancelled = appointment.status === 'cancelled';
  const what = describe(appointment, zone);
  const action = (label: string, run: (appointment: Appointment) => void, style = 'quiet') => (
    <button
      type='button'
      class={style}
      disabled={busy}
      aria-label={t.appointments.actionOn(label, what)}
      onClick={() => run(appointment)}
    >
      {label}
    </button>
  );
  return (
    <li class={cancelled ? 'row row-cancelled' : 'row'} data-rdv={appointment.id}>
      <p class='row-time'>
        {start === null ? '—' : <time dateTime={start}>{formatTime(start, zone)}</time>}
        {start !== null && end !== null && [' – ', <time key='end' dateTime={end}>{formatTime(end, zone)}</time>]}
      </p>
      <div class='row-what'>
        <p class='row-title'>{patientName(appointment) ?? t.appointments.noPatient}</p>
        <p class='hint'>
          {[type, act, practitioner?.display_name ?? t.appointments.noPractitioner, location].filter(Boolean).join(
            ' · ',
          )}
        </p>
      </div>
      <div class='row-state'>
        {cancelled && <span class='badge'>{t.appointments.cancelled}</span>}
        {integrations.map((integration) => (
          <SyncState
            key={integration.id}
            provider={integration.provider}
            link={links.find(({ integration_id }) => integration_id === integration.id)}
          />
        ))}
      </div>
      <div class='row-actions'>
        {action(t.appointments.edit, on.onEdit)}
        {cancelled ? action(t.appointments.restore, on.onRestore) : action(t.appointments.cancel, on.onCancel)}
        {action(t.appointments.delete, on.onRemove, 'quiet quiet-danger')}
      </div>
    </li>
  );
}

/** What became of an appointment in one of the user's calendars. */
function SyncState({ provider, link }: { provider: string; link: Link | undefined }) {
  const status = link?.sync_status ?? 'none';
  const reason = status === 'error'
    ? errorMessage(link?.last_error?.code, link?.last_error?.message ?? t.sync.unknownReason)
    : status === 'none' && link?.skip_reason
    ? t.sync.skipped[link.skip_reason] ?? link.skip_reason
    : null;
  const calendar = PROVIDERS.find(({ id }) => id === provider)?.calendar[language] ?? provider;
  return (
    <p class={`sync sync-${status}`} data-sync={status} title={t.sync.state(calendar, t.sync[status])}>
      <span class='badge'>{t.sync[status]}</span>
      {reason !== null && <span class='sync-reason'>{reason}</span>}
    </p>
  );
}
