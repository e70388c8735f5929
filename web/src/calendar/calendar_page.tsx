/** The practice's calendar: its appointments and what people's own calendars hold, and the state of both. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { asFailure, Failure } from '../backend/failure.ts';
import { useLive } from '../backend/live.ts';
import type { Membership } from '../backend/members.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { navigate, usePlace } from '../parts/navigation.tsx';
import { FailureNote, tellDone, tellFailure } from '../parts/notices.tsx';
import { downloadCsv } from '../parts/csv.ts';
import { usePageTitle } from '../parts/page_title.ts';
import { readRemembered, remember } from '../parts/remembered.ts';
import { language, locale, sayDate, t } from '../words/i18n.ts';
import {
  addDays,
  addMinutes,
  dayOf,
  instantToWall,
  wallToInstant,
} from '../../../supabase/functions/_shared/zoned_time.ts';
import {
  AGENDA_TABLES,
  agendaReader,
  readAppointment,
  readEvent,
  removeAppointment,
  saveAppointment,
} from './agenda.ts';
import { AgendaList } from './agenda_list.tsx';
import { AppointmentDrawer } from './appointment_drawer.tsx';
import { AppointmentForm } from './appointment_form.tsx';
import { NotBooked, useBookingGuard } from './booking_guard.tsx';
import { addressOf, type Defaults, type Opened, readAddress, type Shown, VIEWS } from './calendar_address.ts';
import { calendarRows } from './calendar_csv.ts';
import { CalendarGrid, type Stretch } from './calendar_grid.tsx';
import { countConflicts, entriesOf, type Entry, matches, ownerOf } from './entry.ts';
import { EventDrawer } from './event_drawer.tsx';
import { type Change, usePendingChanges } from './pending_change.ts';
import { nextFree } from './free_time.ts';
import { listedPeople, peopleOf, type Person, UNASSIGNED } from './people.ts';
import { periodOf, periodTitle } from './period.ts';
import type { Appointment, ExternalEvent } from './rows.ts';
import { usePrintSheets } from './print_sheets.tsx';
import { sourceName, sourcesOf, Toolbar } from './toolbar.tsx';
import { words } from './words.ts';
import './booking.css';
import './calendar.css';

type Editing = {
  readonly appointment: Appointment | null;
  readonly stretch: Stretch | null;
  readonly proposed: boolean;
} | null;

const PHONE = '(max-width: 46rem)';
const NOTHING: readonly never[] = [];

export function CalendarPage() {
  const { backend: { db }, member, choose } = useWorkspace();
  const { id: organisationId, timezone: zone, default_duration_minutes: minutes } = member.organisation;
  const { query } = usePlace();
  usePageTitle(words.title);

  const today = dayOf(new Date().toISOString(), zone);
  const usual = useMemo(() => {
    const kept = readRemembered('calendar.view');
    return VIEWS.find((view) => view === kept) ?? (matchMedia(PHONE).matches ? 'agenda' : 'week');
  }, []);
  const defaults: Defaults = { view: usual, day: today };

  const period = (shown: Shown) => periodOf(shown.view, shown.day);
  // Which providers are connected is only known once it was read: until then any may be asked for.
  const asked = readAddress(query, [query.get('show') ?? 'all'], defaults);
  const { from, until } = period(asked);
  const read = useMemo(() => agendaReader(db, member, { from, until }), [db, member, from, until]);
  const live = useLive(`${organisationId} ${zone} ${from} ${until}`, read, { tables: AGENDA_TABLES });
  // The calendar keeps its frame, and its people, while another period is on its way.
  const last = useRef(live.data);
  last.current = live.data ?? last.current;
  const known = last.current;

  const sources = useMemo(() => sourcesOf(known?.integrations ?? NOTHING), [known?.integrations]);
  const shown = known === null ? asked : readAddress(query, sources, defaults);
  const show = (change: Partial<Shown>, options?: { replace: boolean }) => {
    if (change.view !== undefined) remember('calendar.view', change.view);
    navigate(addressOf({ ...shown, ...change }, defaults), options);
  };

  const pending = usePendingChanges(live.data?.appointments ?? NOTHING);
  const people = useMemo(() => peopleOf(known?.members ?? NOTHING, locale), [known?.members]);
  const { events, links, conflicts } = live.data ?? { events: NOTHING, links: NOTHING, conflicts: NOTHING };
  const all = useMemo(
    () => entriesOf({ appointments: pending.shown, events, links, conflicts, people }, zone, minutes),
    [pending.shown, events, links, conflicts, people, zone, minutes],
  );
  const everybodys = useMemo(
    () => all.filter((entry) => matches(entry, { ...shown, people: null })),
    [all, shown.source, shown.cancelled],
  );
  const counts = useMemo(
    () => countedByPerson(everybodys.filter(({ start }) => start !== null || shown.view === 'agenda')),
    [everybodys, shown.view],
  );
  const listed = useMemo(() => listedPeople(people, counts, words.toolbar.nobody), [people, counts]);
  // Until people are known, and for those who have left since, an address cannot choose them.
  const chosen = useMemo(() => {
    const known = shown.people?.filter((id) => id === UNASSIGNED || people.some((person) => person.id === id)) ?? [];
    return known.length > 0 ? known : null;
  }, [shown.people?.join(), people]);
  const entries = useMemo(
    () => chosen === null ? everybodys : everybodys.filter((entry) => chosen.includes(ownerOf(entry))),
    [everybodys, chosen],
  );
  const visible = useMemo(
    () => chosen === null ? listed : listed.filter(({ id }) => chosen.includes(id)),
    [listed, chosen],
  );

  const opened = useOpened(shown.opened, all, live.data !== null);
  useEffect(() => {
    if (opened.failure === null) return;
    tellFailure(opened.failure, 'calendar.open');
    show({ opened: null }, { replace: true });
  }, [opened.failure]);
  const elsewhere = opened.row?.organisation_id;
  useEffect(() => {
    // The same address shows it again once the other practice is.
    if (elsewhere !== undefined && elsewhere !== organisationId) choose(elsewhere);
  }, [elsewhere]);
  // What it was found by is not in this period: then the calendar goes to where it is.
  const foundAt = opened.row === null ? null : 'starts_at' in opened.row ? opened.row.starts_at : opened.row.start_at;
  useEffect(() => {
    if (foundAt !== null && elsewhere === organisationId) show({ day: dayOf(foundAt, zone) }, { replace: true });
  }, [opened.row]);

  const title = sayDate(periodTitle(shown.view, shown.day, locale));
  // As on screen: only the list shows what has no date.
  const onPaper = entries.filter(({ start }) => start !== null || shown.view === 'agenda');
  usePrintSheets({
    practice: member.organisation.name,
    title,
    period: period(shown),
    zone,
    people: visible,
    entries: onPaper,
    warning: live.data === null
      ? words.print.loading
      : live.failure !== null
      ? words.connection.stale
      : shown.source === 'all'
      ? null
      : words.print.only(sourceName(shown.source)),
  });

  const [editing, setEditing] = useState<Editing>(null);
  const [removing, setRemoving] = useState(false);

  const guard = useBookingGuard(known?.members ?? NOTHING);
  const change = async (appointment: Appointment, fields: Change, done: string, failed: string): Promise<void> => {
    try {
      await pending.apply(appointment.id, fields, async () => {
        await guard.admit(appointment, fields);
        return await saveAppointment(db, appointment, fields);
      });
      tellDone(done);
    } catch (error) {
      if (error instanceof NotBooked) {
        return error.instead ? await change(appointment, error.instead, done, failed) : undefined;
      }
      tellFailure(withSentence(asFailure(error, 'appointments.update'), failed), 'appointments.update');
    }
    await live.refresh();
  };
  const move = (entry: Entry, to: Stretch): boolean => {
    if (entry.kind !== 'appointment' || pending.busy(entry.id)) return false;
    const fields = movedTo(entry, to, zone);
    void change(entry.appointment, fields, words.change.moved, words.change.moveFailed);
    return true;
  };
  const remove = async (appointment: Appointment) => {
    setRemoving(true);
    try {
      await removeAppointment(db, appointment);
      show({ opened: null }, { replace: true });
      tellDone(words.change.deleted);
    } catch (error) {
      tellFailure(error, 'appointments.delete');
    } finally {
      setRemoving(false);
    }
    await live.refresh();
  };
  const create = (stretch?: Stretch) => {
    const now = instantToWall(new Date().toISOString(), zone);
    const { from, until } = period(shown);
    const day = from <= today && today < until ? today : shown.day;
    setEditing({
      appointment: null,
      stretch: stretch ?? firstStart(now, day, minutes),
      proposed: stretch === undefined,
    });
  };
  /** Shows it before the next reading does, and goes to where it is. */
  const appear = (created: Appointment) => {
    if (live.data !== null) live.set({ ...live.data, appointments: [...live.data.appointments, created] });
    const day = created.starts_at === null ? shown.day : dayOf(created.starts_at, zone);
    const { from, until } = period(shown);
    const elsewhere = day < from || day >= until;
    const filtered = shown.source !== 'all' && shown.source !== created.source;
    const hidden = chosen !== null && !chosen.includes(created.practitioner_id ?? UNASSIGNED);
    if (!elsewhere && !filtered && !hidden) return;
    show({ ...elsewhere && { day }, ...filtered && { source: 'all' }, ...hidden && { people: null } });
  };
  const open = (entry: Entry) => show({ opened: { kind: entry.kind, id: entry.id } });
  const close = () => show({ opened: null }, { replace: true });

  const practitioners = (known?.members ?? NOTHING).filter(({ role }) => role !== 'secretary');
  const own = known?.integrations.filter(({ user_id }) => user_id === member.userId) ?? null;

  return (
    <div class='calendar'>
      <Toolbar
        {...{ shown, today, sources, listed, chosen }}
        counts={live.data === null ? null : counts}
        conflicts={countConflicts(all, conflicts)}
        undated={all.filter(({ start }) => start === null).length}
        integrations={own}
        onShow={show}
        onCreate={() => create()}
        onSave={() => downloadCsv(`cassius-agenda-${period(shown).from}.csv`, calendarRows(onPaper), language)}
      />
      {live.failure !== null && live.data !== null && <p class='banner' role='status'>{words.connection.stale}</p>}
      {live.failure !== null && live.data === null && (
        <div class='stack'>
          <FailureNote failure={live.failure} />
          <button type='button' onClick={() => void live.refresh()}>{t.app.retry}</button>
        </div>
      )}
      <div class='calendar-body' aria-busy={live.data === null && live.failure === null}>
        {shown.view === 'agenda'
          ? live.data !== null && <AgendaList {...{ entries, zone, today }} period={period(shown)} onOpen={open} />
          : (
            <CalendarGrid
              view={shown.view}
              day={shown.day}
              now={() => instantToWall(new Date().toISOString(), zone)}
              entries={entries}
              people={visible}
              empty={known === null}
              label={words.grid.label(title)}
              onOpen={open}
              onMove={move}
              onCreate={create}
              onDay={(day) => show({ view: 'day', day })}
            />
          )}
      </div>
      {opened.entry?.kind === 'appointment' && live.data !== null && (
        <AppointmentDrawer
          key={opened.entry.key}
          entry={opened.entry}
          agenda={live.data}
          busy={removing || pending.busy(opened.entry.id)}
          onClose={close}
          onEdit={(appointment) => setEditing({ appointment, stretch: null, proposed: false })}
          onStatus={(appointment, status) =>
            void change(
              appointment,
              { status },
              status === 'cancelled' ? words.change.cancelled : words.change.restored,
              words.change.failed,
            )}
          onRemove={remove}
          onErased={() => void live.refresh()}
        />
      )}
      {opened.entry?.kind === 'event' && live.data !== null && (
        <EventDrawer key={opened.entry.key} entry={opened.entry} agenda={live.data} onClose={close} />
      )}
      {editing !== null && (
        <AppointmentForm
          key={editing.appointment?.id}
          {...editing}
          practitioners={practitioners}
          practitioner={practitionerFor(editing.stretch, visible, chosen, member)}
          onClose={() => setEditing(null)}
          onSaved={(message, created) => {
            setEditing(null);
            tellDone(message);
            if (created === null) void live.refresh();
            else appear(created);
          }}
        />
      )}
      {guard.question}
    </div>
  );
}

/** The entry that the address opens; one outside the period is looked for, once. */
function useOpened(opened: Opened | null, entries: readonly Entry[], known: boolean) {
  const { backend: { db } } = useWorkspace();
  const key = opened === null ? null : `${opened.kind}:${opened.id}`;
  const entry = entries.find((one) => one.key === key) ?? null;
  const [found, setFound] = useState<{
    key: string | null;
    row: Appointment | ExternalEvent | null;
    failure: Failure | null;
  }>({ key: null, row: null, failure: null });
  const missing = known && key !== null && entry === null;
  useEffect(() => {
    if (!missing || opened === null || found.key === key) return;
    const reading: Promise<Appointment | ExternalEvent> = opened.kind === 'appointment'
      ? readAppointment(db, opened.id)
      : readEvent(db, opened.id);
    reading.then(
      (row) => setFound({ key, row, failure: null }),
      (error) => setFound({ key, row: null, failure: asFailure(error, 'calendar.open') }),
    );
  }, [missing, key]);
  const mine = found.key === key && key !== null ? found : null;
  return { entry, row: mine?.row ?? null, failure: missing ? mine?.failure ?? null : null };
}

/** How many entries each person has; a key is a member's id, or `UNASSIGNED`. */
function countedByPerson(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(ownerOf(entry), (counts.get(ownerOf(entry)) ?? 0) + 1);
  return counts;
}

/** Whose a new appointment is at first: that of the column it was drawn in, else of who is shown, the reader before others. */
function practitionerFor(
  stretch: Stretch | null,
  visible: readonly Person[],
  chosen: readonly string[] | null,
  { memberId, role }: Membership,
): string | null {
  if (stretch?.practitioner !== undefined) return stretch.practitioner;
  const reader = role === 'secretary' ? null : memberId;
  const candidates = visible.filter(({ practises }) => practises);
  if (chosen === null && candidates.length !== 1) return reader;
  return (candidates.find(({ id }) => id === reader) ?? candidates[0])?.id ?? reader;
}

/** An instant that the clock's face did not move stays: in the hour that comes twice, the face cannot tell which one is meant. */
function movedTo(
  entry: Extract<Entry, { kind: 'appointment' }>,
  { start, end, practitioner }: Stretch,
  zone: string,
): Change {
  const { starts_at, ends_at } = entry.appointment;
  const person = practitioner === undefined ? {} : { practitioner_id: practitioner };
  if (start === entry.start && end === entry.end) return person;
  const startsAt = start === entry.start && starts_at !== null ? starts_at : wallToInstant(start, zone);
  const moved = start !== entry.start;
  const sameLength = Date.parse(`${end}Z`) - Date.parse(`${start}Z`) ===
    Date.parse(`${entry.end}Z`) - Date.parse(`${entry.start}Z`);
  // Without an end it keeps the usual length, wherever it goes.
  if (ends_at === null && sameLength) return { ...person, starts_at: startsAt };
  if (moved && sameLength && ends_at !== null && starts_at !== null) {
    const length = (Date.parse(ends_at) - Date.parse(starts_at)) / 60_000;
    return { ...person, starts_at: startsAt, ends_at: addMinutes(startsAt, length) };
  }
  return {
    ...person,
    starts_at: startsAt,
    ends_at: end === entry.end && ends_at !== null ? ends_at : wallToInstant(end, zone),
  };
}

/** Where a new appointment is proposed: on that day, not before now, within the usual hours. */
function firstStart(now: string, day: string, minutes: number): Stretch {
  const from = now > `${day}T00:00` ? now : `${day}T00:00`;
  return nextFree(from, minutes, [], `${addDays(from.slice(0, 10), 7)}T00:00`) ?? { start: from, end: '' };
}

function withSentence(failure: Failure, sentence: string): Failure {
  const { code, step, requestId, providerCode, details } = failure;
  return new Failure(`${sentence} ${failure.message}`, {
    code,
    step,
    requestId,
    providerCode,
    details,
    cause: failure,
  });
}
