/** Plain pages on which a person can look at the calendars. */
import type { Answer } from '../core/answers.ts';
import { agendaTable, factsTable, monthPage, page, section, whenText } from '../core/html.ts';
import { viewOf } from './occurrences.ts';
import type { Scene } from './scene.ts';
import type { Account, Calendar, StoredEvent } from './world.ts';
import { ianaZone } from './zones.ts';

/** The month from `?from=YYYY-MM-DD` (today if absent), calendar by calendar. */
export function agendaPage(scene: Scene, now: number, query: URLSearchParams): Answer {
  return monthPage(
    'Calendriers Outlook (émulateur)',
    now,
    query,
    (from, until) =>
      [...scene.world.accounts.values()].map((account) => {
        const calendars = scene.world.calendarsOf(account);
        const parts = calendars.map((calendar) => calendarSection(scene, account, calendar, from, until));
        return section('h2', account.name, account.email, parts.join('\n'));
      }),
  );
}

function calendarSection(scene: Scene, account: Account, calendar: Calendar, from: number, until: number): string {
  const events = viewOf(scene.world, scene.world.eventsOf(calendar), { from, to: until });
  const notes = [calendar.canEdit ? 'modifiable' : 'lecture seule', account.timeZone];
  const rows = events.map((event) => ({
    when: when(event, account),
    title: titleOf(event),
    address: `/calendar/item?id=${encodeURIComponent(event.immutableId)}`,
  }));
  return section('h3', calendar.name, notes.join(', '), agendaTable(rows));
}

function titleOf(event: StoredEvent): string {
  return String(event.body.subject ?? '(sans titre)');
}

function when(event: StoredEvent, account: Account): string {
  const allDay = 'day' in event.start;
  return whenText(event, (allDay ? null : ianaZone(account.timeZone)) ?? 'UTC', allDay);
}

/** One stored event, by its id. */
export function eventPage(scene: Scene, query: URLSearchParams): Answer {
  const event = scene.world.event(query.get('id') ?? '');
  const account = event && scene.world.accounts.get(event.account);
  if (!event || !account) return page(404, 'Événement introuvable', '<p><a href="/">Tous les calendriers</a></p>');
  const body = event.body.body as { content?: string } | undefined;
  const location = event.body.location as { displayName?: string } | undefined;
  const facts = factsTable([
    ['Quand', when(event, account)],
    ['Calendrier', scene.world.calendars.get(event.calendarId)?.name ?? '—'],
    ['État', event.deleted ? 'supprimé' : event.isCancelled ? 'annulé' : String(event.body.showAs)],
    ['Lieu', location?.displayName || '—'],
    ['Description', body?.content || '—'],
    ['Propriétés', JSON.stringify([...event.tags.values()].map(({ id, value }) => ({ id, value })))],
  ]);
  return page(200, titleOf(event), `${facts}<p><a href="/">Tous les calendriers</a></p>`);
}
