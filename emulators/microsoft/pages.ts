/** Plain pages on which a person can look at the calendars. */
import type { Answer } from '../core/answers.ts';
import { escape, page } from '../core/html.ts';
import { viewOf } from './occurrences.ts';
import type { Scene } from './scene.ts';
import type { Account, Calendar, StoredEvent } from './world.ts';
import { ianaZone } from './zones.ts';

const DAY = 86_400_000;
const SHOWN_DAYS = 31;

/** The month from `?from=YYYY-MM-DD` (today if absent), calendar by calendar. */
export function agendaPage(scene: Scene, now: number, query: URLSearchParams): Answer {
  const asked = Date.parse(`${query.get('from')}T00:00:00Z`);
  const from = Number.isNaN(asked) ? Math.floor(now / DAY) * DAY : asked;
  const until = from + SHOWN_DAYS * DAY;
  const step = (label: string, at: number) =>
    `<a href="/?from=${new Date(at).toISOString().slice(0, 10)}">${label}</a>`;
  const accounts = [...scene.world.accounts.values()].map((account) => {
    const calendars = scene.world.calendarsOf(account)
      .map((calendar) => calendarSection(scene, account, calendar, from, until));
    return `<section aria-label="${escape(account.name)}"><h2>${escape(account.name)} <span class="note">${
      escape(account.email)
    }</span></h2>
${calendars.join('\n')}</section>`;
  });
  const navigation = `<nav aria-label="Période">${step('Mois précédent', from - SHOWN_DAYS * DAY)} · ${
    step('Mois suivant', until)
  }</nav>`;
  return page(200, 'Calendriers Outlook (émulateur)', `${navigation}\n${accounts.join('\n')}`);
}

function calendarSection(scene: Scene, account: Account, calendar: Calendar, from: number, until: number): string {
  const events = viewOf(scene.world, scene.world.eventsOf(calendar), { from, to: until });
  const notes = [calendar.canEdit ? 'modifiable' : 'lecture seule', account.timeZone];
  const rows = events.map((event) =>
    `<tr><td>${escape(when(event, account))}</td><td><a href="/calendar/item?id=${
      encodeURIComponent(event.immutableId)
    }">${escape(titleOf(event))}</a></td></tr>`
  );
  const table = rows.length === 0
    ? '<p class="note">Aucun événement sur cette période.</p>'
    : `<table><thead><tr><th scope="col">Quand</th><th scope="col">Quoi</th></tr></thead><tbody>${
      rows.join('\n')
    }</tbody></table>`;
  return `<section aria-label="${escape(calendar.name)}"><h3>${escape(calendar.name)} <span class="note">${
    escape(notes.join(', '))
  }</span></h3>${table}</section>`;
}

function titleOf(event: StoredEvent): string {
  return String(event.body.subject ?? '(sans titre)');
}

function when(event: StoredEvent, account: Account): string {
  const timeZone = 'day' in event.start ? 'UTC' : ianaZone(account.timeZone) ?? 'UTC';
  const day = { timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;
  const date = new Intl.DateTimeFormat('fr-FR', day).format(event.startAt);
  if ('day' in event.start) {
    const days = Math.round((event.endAt - event.startAt) / DAY);
    return days > 1 ? `${date}, ${days} jours` : `${date}, toute la journée`;
  }
  const time = new Intl.DateTimeFormat('fr-FR', { timeZone, hour: '2-digit', minute: '2-digit' });
  return `${date}, ${time.format(event.startAt)} – ${time.format(event.endAt)}`;
}

/** One stored event, by its id. */
export function eventPage(scene: Scene, query: URLSearchParams): Answer {
  const event = scene.world.event(query.get('id') ?? '');
  const account = event && scene.world.accounts.get(event.account);
  if (!event || !account) return page(404, 'Événement introuvable', '<p><a href="/">Tous les calendriers</a></p>');
  const body = event.body.body as { content?: string } | undefined;
  const location = event.body.location as { displayName?: string } | undefined;
  const facts: ReadonlyArray<readonly [string, string]> = [
    ['Quand', when(event, account)],
    ['Calendrier', scene.world.calendars.get(event.calendarId)?.name ?? '—'],
    ['État', event.deleted ? 'supprimé' : event.isCancelled ? 'annulé' : String(event.body.showAs)],
    ['Lieu', location?.displayName || '—'],
    ['Description', body?.content || '—'],
    ['Propriétés', JSON.stringify([...event.tags.values()].map(({ id, value }) => ({ id, value })))],
  ];
  const rows = facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escape(value)}</td></tr>`).join(
    '\n',
  );
  return page(200, titleOf(event), `<table>${rows}</table><p><a href="/">Tous les calendriers</a></p>`);
}
