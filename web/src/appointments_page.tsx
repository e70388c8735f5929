/** A fortnight of appointments, each with the state of its event. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { AppointmentForm } from './appointment_form.tsx';
import { AppointmentRow, describe } from './appointment_row.tsx';
import { formatDate, formatDay, t } from './i18n.ts';
import { OFTEN, SELDOM, useLive } from './live.ts';
import { Modal } from './modal.tsx';
import { Link, navigate, usePlace } from './navigation.tsx';
import { FailureNote, tellDone, tellFailure } from './notices.tsx';
import { PROVIDERS, settingsPath } from './providers.ts';
import { type Agenda, type Appointment, type Integration, type Membership, PAGE, type Tables } from './tables.ts';
import { addDays, dayOf, isDay, wallToInstant } from './zoned_time.ts';

const DAYS = 14;
/** How long after a change made here its event is expected any moment. */
const FRESH = 20_000;

type Opened = { readonly edit: Appointment | null } | { readonly remove: Appointment } | null;

interface PageProps {
  readonly tables: Tables;
  readonly member: Membership;
  /** Goes on to another practice of the user. */
  readonly choose: (organisationId: string) => void;
}

export function AppointmentsPage({ tables, member, choose }: PageProps) {
  const zone = member.organisation.timezone;
  const { query } = usePlace();
  const today = dayOf(new Date().toISOString(), zone);
  const asked = query.get('from') ?? '';
  const from = isDay(asked) ? asked : today;
  const until = addDays(from, DAYS);
  const [opened, setOpened] = useState<Opened>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const changedAt = useRef(-Infinity);

  const agenda = useLive(
    `${member.organisation.id} ${from}`,
    (signal) =>
      tables.agenda(member, wallToInstant(`${from}T00:00`, zone), wallToInstant(`${until}T00:00`, zone), signal),
    ({ links }) => performance.now() - changedAt.current < FRESH || links.some(isPending) ? OFTEN : SELDOM,
  );

  useEffect(() => {
    document.title = `${t.appointments.title} — ${t.app.name}`;
  }, []);

  // An event's link back to its appointment.
  const linked = query.get('rdv');
  useEffect(() => {
    if (linked === null) return;
    tables.appointment(linked).then((appointment) => {
      // The same page of the other practice finds the address unchanged.
      if (appointment.organisation_id !== member.organisation.id) return choose(appointment.organisation_id);
      navigate(appointment.starts_at === null ? '/' : `/?from=${dayOf(appointment.starts_at, zone)}`, {
        replace: true,
      });
      setOpened({ edit: appointment });
    }, (error) => {
      navigate('/', { replace: true });
      tellFailure(error, 'appointments.read');
    });
  }, [linked]);

  const close = () => setOpened(null);
  const show = (day: string) => navigate(day === today ? '/' : `/?from=${day}`);
  const written = async (message: string) => {
    changedAt.current = performance.now();
    setOpened(null);
    tellDone(message);
    await agenda.refresh();
  };
  const act = async (appointment: Appointment, action: () => Promise<void>, message: string) => {
    setBusy(appointment.id);
    try {
      await action();
      await written(message);
    } catch (error) {
      tellFailure(error, 'appointments.update');
      await agenda.refresh();
    } finally {
      setBusy(null);
    }
  };

  return (
    <>
      <div class='title'>
        <h1>{t.appointments.title}</h1>
        <button type='button' class='primary' onClick={() => setOpened({ edit: null })}>{t.appointments.create}</button>
      </div>
      <div class='period'>
        <label>
          {t.appointments.from}
          <input type='date' value={from} onChange={({ currentTarget: { value } }) => isDay(value) && show(value)} />
        </label>
        <div class='group'>
          <button type='button' aria-label={t.appointments.previous} onClick={() => show(addDays(from, -DAYS))}>
            ‹
          </button>
          <button type='button' onClick={() => show(today)} disabled={from === today}>{t.appointments.today}</button>
          <button type='button' aria-label={t.appointments.next} onClick={() => show(addDays(from, DAYS))}>›</button>
        </div>
        <p class='hint'>{t.appointments.range(formatDate(from), formatDate(addDays(until, -1)))}</p>
      </div>
      {agenda.failure !== null && agenda.data === null && (
        <>
          <FailureNote failure={agenda.failure} />
          <button type='button' onClick={() => void agenda.refresh()}>{t.app.retry}</button>
        </>
      )}
      {agenda.failure !== null && agenda.data !== null && <p class='banner' role='status'>{t.app.stale}</p>}
      {agenda.data === null && agenda.failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {agenda.data !== null && (
        <>
          <Banners integrations={agenda.data.integrations} />
          <Days
            agenda={agenda.data}
            zone={zone}
            busy={busy}
            onEdit={(appointment) => setOpened({ edit: appointment })}
            onCancel={(one) => act(one, () => tables.setStatus(one, 'cancelled'), t.appointments.wasCancelled)}
            onRestore={(one) => act(one, () => tables.setStatus(one, 'scheduled'), t.appointments.restored)}
            onRemove={(appointment) => setOpened({ remove: appointment })}
          />
        </>
      )}
      {opened !== null && 'edit' in opened && (
        <AppointmentForm
          key={opened.edit?.id}
          appointment={opened.edit}
          {...{ tables, member, day: from, onClose: close, onSaved: (message: string) => void written(message) }}
        />
      )}
      {opened !== null && 'remove' in opened && (
        <Modal
          title={t.appointments.confirmDelete}
          busy={busy !== null}
          onClose={close}
          onSubmit={() => act(opened.remove, () => tables.remove(opened.remove), t.appointments.deleted).then(close)}
        >
          <p>{t.appointments.confirmDeleteText(describe(opened.remove, zone))}</p>
          <div class='buttons'>
            <button type='button' onClick={close} disabled={busy !== null}>{t.appointments.keep}</button>
            <button type='submit' class='danger' disabled={busy !== null}>{t.appointments.delete}</button>
          </div>
        </Modal>
      )}
    </>
  );
}

const isPending = (link: { sync_status: string }) => link.sync_status === 'pending';

interface DaysProps {
  readonly agenda: Agenda;
  readonly zone: string;
  /** Id of the appointment with an action under way. */
  readonly busy: string | null;
  readonly onEdit: (appointment: Appointment) => void;
  readonly onCancel: (appointment: Appointment) => void;
  readonly onRestore: (appointment: Appointment) => void;
  readonly onRemove: (appointment: Appointment) => void;
}

function Days({ agenda, zone, busy, ...actions }: DaysProps) {
  const days = useMemo(() => {
    const groups = new Map<string, Appointment[]>();
    for (const appointment of agenda.appointments) {
      const day = appointment.starts_at === null ? '' : dayOf(appointment.starts_at, zone);
      groups.set(day, [...groups.get(day) ?? [], appointment]);
    }
    return [...groups];
  }, [agenda.appointments, zone]);

  if (days.length === 0) return <p class='empty'>{t.appointments.empty}</p>;
  return (
    <>
      {days.map(([day, appointments]) => (
        <section key={day} class='day' aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`}>{day === '' ? t.appointments.undated : formatDay(day, zone)}</h2>
          <ul>
            {appointments.map((appointment) => (
              <AppointmentRow
                key={appointment.id}
                appointment={appointment}
                integrations={agenda.integrations}
                links={agenda.links.filter(({ rdv_id }) => rdv_id === appointment.id)}
                zone={zone}
                busy={busy === appointment.id}
                {...actions}
              />
            ))}
          </ul>
        </section>
      ))}
      {agenda.truncated && <p class='hint'>{t.appointments.tooMany(PAGE)}</p>}
    </>
  );
}

function Banners({ integrations }: { integrations: readonly Integration[] }) {
  if (integrations.length === 0) {
    return (
      <p class='banner'>
        {t.appointments.notConnected} <Link to={settingsPath(PROVIDERS[0])}>{t.appointments.connect}</Link>
      </p>
    );
  }
  return (
    <>
      {integrations.map((integration) => {
        const provider = PROVIDERS.find(({ id }) => id === integration.provider);
        if (provider === undefined) return null;
        const banner = integration.status === 'reconnect_required'
          ? [t.appointments.reconnect(provider.account), t.appointments.reconnectAction]
          : integration.status === 'error'
          ? [t.appointments.broken(provider.account), t.appointments.brokenAction]
          : integration.export_enabled
          ? null
          : [t.appointments.exportOff, t.appointments.exportOffAction];
        return banner && (
          <p key={integration.id} class={integration.export_enabled ? 'banner banner-warning' : 'banner'} role='status'>
            {banner[0]} <Link to={settingsPath(provider)}>{banner[1]}</Link>
          </p>
        );
      })}
    </>
  );
}
