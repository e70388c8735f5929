/** Plain pages on which a person can look at the calendars. */
import { agendaTable, factsTable, monthPage, page, section, whenText } from '../core/html.ts';
import type { Answer } from './answers.ts';
import { instancesOf, isMaster } from './instances.ts';
import type { Scene } from './scene.ts';
import type { Calendar, StoredEvent } from './world.ts';

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
  const events = [...calendar.events.values()]
    .filter((event) => event.status !== 'cancelled' && !event.recurringEventId)
    .flatMap((event) => (isMaster(event) ? [...instancesOf(calendar, event, until)] : [event]))
    .filter((event) => event.status !== 'cancelled' && event.endAt > from && event.startAt < until)
    .sort((a, b) => a.startAt - b.startAt);
  const notes = [
    calendar.access.get(viewer) ?? 'aucun accès',
    calendar.timeZone,
    ...(calendar.deleted ? ['supprimé'] : []),
  ];
  const rows = events.map((event) => ({
    when: when(event, calendar),
    title: titleOf(event),
    address: eventAddress(event, viewer),
  }));
  return section('h3', calendar.summary, notes.join(', '), agendaTable(rows));
}

function titleOf(event: StoredEvent): string {
  return String(event.body.summary ?? '(sans titre)');
}

function eventAddress(event: StoredEvent, viewer: string): string {
  return `/calendar/event?eid=${btoa(`${event.recurringEventId ?? event.id} ${viewer}`).replaceAll('=', '')}`;
}

function when(event: StoredEvent, calendar: Calendar): string {
  return whenText(event, calendar.timeZone, 'day' in event.start);
}

/** One event, by the `eid` of its link. */
export function eventPage(scene: Scene, query: URLSearchParams): Answer {
  let id = '';
  try {
    id = atob(query.get('eid') ?? '').split(' ')[0] ?? '';
  } catch {
    // Not found, below.
  }
  for (const calendar of scene.world.calendars.values()) {
    const event = calendar.events.get(id);
    if (!event) continue;
    const facts = factsTable([
      ['Quand', when(event, calendar)],
      ['Agenda', calendar.summary],
      ['État', event.status],
      ['Lieu', String(event.body.location ?? '—')],
      ['Description', String(event.body.description ?? '—')],
      ['Propriétés', JSON.stringify(event.body.extendedProperties ?? {})],
    ]);
    return page(200, titleOf(event), `${facts}<p><a href="/">Tous les agendas</a></p>`);
  }
  return page(404, 'Événement introuvable', '<p><a href="/">Tous les agendas</a></p>');
}
