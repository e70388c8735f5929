/** Plain pages on which a person can look at the calendars. */
import { escape, page } from '../core/html.ts';
import type { Answer } from './answers.ts';
import { instancesOf, isMaster } from './instances.ts';
import type { Scene } from './scene.ts';
import type { Calendar, StoredEvent } from './world.ts';

const DAY = 86_400_000;
const SHOWN_DAYS = 31;

/** The month from `?from=YYYY-MM-DD` (today if absent), calendar by calendar. */
export function agendaPage(scene: Scene, now: number, query: URLSearchParams): Answer {
  const asked = Date.parse(`${query.get('from')}T00:00:00Z`);
  const from = Number.isNaN(asked) ? Math.floor(now / DAY) * DAY : asked;
  const until = from + SHOWN_DAYS * DAY;
  const step = (label: string, at: number) =>
    `<a href="/?from=${new Date(at).toISOString().slice(0, 10)}">${label}</a>`;
  const accounts = [...scene.world.accounts.values()].map(({ email, name, list }) => {
    const calendars = list.map((id) => scene.world.calendars.get(id)).filter((calendar) => calendar !== undefined);
    return `<section aria-label="${escape(name)}"><h2>${escape(name)} <span class="note">${escape(email)}</span></h2>
${calendars.map((calendar) => calendarSection(calendar, email, from, until)).join('\n')}</section>`;
  });
  const navigation = `<nav aria-label="Période">${step('Mois précédent', from - SHOWN_DAYS * DAY)} · ${
    step('Mois suivant', until)
  }</nav>`;
  return page(200, 'Agendas Google (émulateur)', `${navigation}\n${accounts.join('\n')}`);
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
  const rows = events.map((event) =>
    `<tr><td>${escape(when(event, calendar))}</td><td><a href="${eventAddress(event, viewer)}">${
      escape(titleOf(event))
    }</a></td></tr>`
  );
  const table = rows.length === 0
    ? '<p class="note">Aucun événement sur cette période.</p>'
    : `<table><thead><tr><th scope="col">Quand</th><th scope="col">Quoi</th></tr></thead><tbody>${
      rows.join('\n')
    }</tbody></table>`;
  return `<section aria-label="${escape(calendar.summary)}"><h3>${escape(calendar.summary)} <span class="note">${
    escape(notes.join(', '))
  }</span></h3>${table}</section>`;
}

function titleOf(event: StoredEvent): string {
  return String(event.body.summary ?? '(sans titre)');
}

function eventAddress(event: StoredEvent, viewer: string): string {
  return `/calendar/event?eid=${btoa(`${event.recurringEventId ?? event.id} ${viewer}`).replaceAll('=', '')}`;
}

function when(event: StoredEvent, calendar: Calendar): string {
  const day = {
    timeZone: calendar.timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  } as const;
  const date = new Intl.DateTimeFormat('fr-FR', day).format(event.startAt);
  if ('day' in event.start) {
    const days = Math.round((event.endAt - event.startAt) / DAY);
    return days > 1 ? `${date}, ${days} jours` : `${date}, toute la journée`;
  }
  const time = new Intl.DateTimeFormat('fr-FR', { timeZone: calendar.timeZone, hour: '2-digit', minute: '2-digit' });
  return `${date}, ${time.format(event.startAt)} – ${time.format(event.endAt)}`;
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
    const facts: ReadonlyArray<readonly [string, string]> = [
      ['Quand', when(event, calendar)],
      ['Agenda', calendar.summary],
      ['État', event.status],
      ['Lieu', String(event.body.location ?? '—')],
      ['Description', String(event.body.description ?? '—')],
      ['Propriétés', JSON.stringify(event.body.extendedProperties ?? {})],
    ];
    const rows = facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escape(value)}</td></tr>`).join(
      '\n',
    );
    return page(200, titleOf(event), `<table>${rows}</table><p><a href="/">Tous les agendas</a></p>`);
  }
  return page(404, 'Événement introuvable', '<p><a href="/">Tous les agendas</a></p>');
}
