/** Plain pages on which a person can look at the calendars, and change them by hand. */
import { blank, deletingForm, movingForm, timesOf, writingForm, type Written } from '../core/editing.ts';
import { agendaTable, deletedTable, escape, factsTable, monthPage, page, section, whenText } from '../core/html.ts';
import type { Answer } from './answers.ts';
import { instancesOf, isMaster } from './instances.ts';
import { mayWrite, type Scene } from './scene.ts';
import type { Account, Calendar, StoredEvent } from './world.ts';

/** The month from `?from=YYYY-MM-DD` (today if absent), calendar by calendar. */
export function agendaPage({ world }: Scene, now: number, query: URLSearchParams): Answer {
  return monthPage(
    'Agendas Google (émulateur)',
    now,
    query,
    (from, until) =>
      [...world.accounts.values()].map(({ email, name, list }) => {
        const calendars = list.map((id) => world.calendars.get(id)).filter((calendar) => calendar !== undefined);
        const parts = calendars.map((calendar) => calendarSection(calendar, email, from, until));
        return section('h2', name, email, parts.join('\n'));
      }),
  );
}

function calendarSection(calendar: Calendar, viewer: string, from: number, until: number): string {
  const stored = [...calendar.events.values()].filter((event) => !event.recurringEventId);
  const events = stored.filter((event) => event.status !== 'cancelled')
    .flatMap((event) => (isMaster(event) ? [...instancesOf(calendar, event, until)] : [event]))
    .filter((event) => event.status !== 'cancelled' && event.endAt > from && event.startAt < until)
    .sort((a, b) => a.startAt - b.startAt);
  const notes = [
    calendar.access.get(viewer) ?? 'aucun accès',
    calendar.timeZone,
    ...(calendar.deleted ? ['supprimé'] : []),
  ];
  const row = (event: StoredEvent) => ({
    when: when(event, calendar),
    title: titleOf(event),
    address: eventAddress(event, viewer),
  });
  const deleted = stored.filter((event) =>
    event.status === 'cancelled' && !event.stub && event.endAt > from && event.startAt < until
  );
  const add = mayWrite(calendar, viewer)
    ? `<p><a href="${escape(newAddress(calendar.id, viewer))}">Nouvel événement</a></p>`
    : '';
  const body = agendaTable(events.map(row)) + deletedTable(deleted.map(row)) + add;
  return section('h3', calendar.summary, notes.join(', '), body);
}

export function newAddress(calendarId: string, viewer: string): string {
  return `/calendar/new?${new URLSearchParams({ calendar: calendarId, as: viewer })}`;
}

function titleOf(event: StoredEvent): string {
  return String(event.body.summary ?? '(sans titre)');
}

export function eventAddress(event: Pick<StoredEvent, 'id' | 'recurringEventId'>, viewer: string): string {
  return `/calendar/event?eid=${btoa(`${event.recurringEventId ?? event.id} ${viewer}`).replaceAll('=', '')}`;
}

function when(event: StoredEvent, calendar: Calendar): string {
  return whenText(event, calendar.timeZone, 'day' in event.start);
}

/** An event and the account that looks at it. */
export interface Shown {
  readonly event: StoredEvent;
  readonly calendar: Calendar;
  /** Null for an address that names no account. */
  readonly viewer: Account | null;
}

/** By the `eid` of its link: where the account has it, before any other calendar with an event of that id. */
export function shownEvent({ world }: Scene, query: URLSearchParams): Shown | null {
  let eid = '';
  try {
    eid = atob(query.get('eid') ?? '');
  } catch {
    return null;
  }
  const [id = '', email = ''] = eid.split(' ');
  const viewer = world.accounts.get(email) ?? null;
  const found = [...world.calendars.values()].flatMap((calendar) => {
    const event = calendar.events.get(id);
    const rank = (calendar.access.has(email) ? 0 : 2) + (event?.stub ? 1 : 0);
    return event ? [{ event, calendar, viewer, rank }] : [];
  });
  return found.sort((a, b) => a.rank - b.rank)[0] ?? null;
}

/** What the form of an event shows. */
export function writtenIn(event: StoredEvent, calendar: Calendar): Written {
  const { summary, location, description } = event.body;
  return {
    title: String(summary ?? ''),
    place: String(location ?? ''),
    description: String(description ?? ''),
    ...timesOf(event.start, event.end, calendar.timeZone),
  };
}

/** One event, with what the account may do to it. */
export function eventPage(scene: Scene, query: URLSearchParams): Answer {
  const shown = shownEvent(scene, query);
  if (!shown) return page(404, 'Événement introuvable', BACK);
  const { event, calendar, viewer } = shown;
  const facts = factsTable([
    ['Quand', when(event, calendar)],
    ['Agenda', calendar.summary],
    ['État', event.status === 'cancelled' ? 'supprimé' : event.status],
    ['Lieu', String(event.body.location ?? '—')],
    ['Description', String(event.body.description ?? '—')],
    ['Propriétés', JSON.stringify(event.body.extendedProperties ?? {})],
  ]);
  const forms = viewer && mayWrite(calendar, viewer.email) ? changingForms(scene, shown, viewer) : '';
  return page(200, titleOf(event), `${facts}${forms}${BACK}`);
}

const BACK = '<p><a href="/">Tous les agendas</a></p>';

function changingForms({ world }: Scene, { event, calendar }: Shown, viewer: Account): string {
  const address = eventAddress(event, viewer.email);
  if (event.status === 'cancelled') return event.stub ? '' : deletingForm(address, true);
  const others = viewer.list.flatMap((id): [string, string][] => {
    const other = world.calendars.get(id);
    return other && other !== calendar && mayWrite(other, viewer.email) ? [[other.id, other.summary]] : [];
  });
  const series = isMaster(event) ? '<p class="note">Une série : toutes ses occurrences changent.</p>' : '';
  return series + writingForm(address, writtenIn(event, calendar), 'Modifier', 'Enregistrer') +
    movingForm(address, others) +
    deletingForm(address, false);
}

/** `?calendar=…&as=…`: a new event in a calendar of an account. */
export function newEventPage({ world }: Scene, now: number, query: URLSearchParams): Answer {
  const calendar = world.calendars.get(query.get('calendar') ?? '');
  const viewer = query.get('as') ?? '';
  if (!calendar || !mayWrite(calendar, viewer)) return page(404, 'Agenda introuvable', BACK);
  const form = writingForm(newAddress(calendar.id, viewer), blank(now, calendar.timeZone), 'Nouvel événement', 'Créer');
  return page(200, `Nouvel événement : ${calendar.summary}`, form + BACK);
}
