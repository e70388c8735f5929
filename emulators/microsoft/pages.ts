/** Plain pages on which a person can look at the calendars, and change them by hand. */
import { type Answer, isObject } from '../core/answers.ts';
import { blank, deletingForm, movingForm, timesOf, writingForm, type Written } from '../core/editing.ts';
import { agendaTable, deletedTable, escape, factsTable, monthPage, page, section, whenText } from '../core/html.ts';
import { isInside, isMaster, occurrenceOf, viewOf } from './occurrences.ts';
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
  const stored = scene.world.eventsOf(calendar);
  const window = { from, to: until };
  const notes = [calendar.canEdit ? 'modifiable' : 'lecture seule', account.timeZone];
  const row = (event: StoredEvent) => ({
    when: when(event, account),
    title: titleOf(event),
    address: eventAddress(event),
  });
  const deleted = stored.filter((event) => event.deleted && event.masterId === null && isInside(event, window));
  const add = calendar.canEdit ? `<p><a href="${escape(newAddress(calendar.id))}">Nouvel événement</a></p>` : '';
  const body = agendaTable(viewOf(scene.world, stored, window).map(row)) + deletedTable(deleted.map(row)) + add;
  return section('h3', calendar.name, notes.join(', '), body);
}

export function eventAddress(event: StoredEvent): string {
  return `/calendar/item?id=${encodeURIComponent(event.immutableId)}`;
}

export function newAddress(calendarId: string): string {
  return `/calendar/new?calendar=${encodeURIComponent(calendarId)}`;
}

function titleOf(event: StoredEvent): string {
  return String(event.body.subject ?? '(sans titre)');
}

function when(event: StoredEvent, account: Account): string {
  const allDay = 'day' in event.start;
  return whenText(event, (allDay ? null : ianaZone(account.timeZone)) ?? 'UTC', allDay);
}

/** An event, and whose it is. */
export interface Shown {
  readonly event: StoredEvent;
  readonly account: Account;
}

/** By its id: a stored one, or an occurrence of a series. */
export function shownEvent({ world }: Scene, query: URLSearchParams): Shown | null {
  const id = query.get('id') ?? '';
  const event = world.event(id) ?? occurrenceOf(world, id);
  const account = event && world.accounts.get(event.account);
  return event && account ? { event, account } : null;
}

/** The zone of the inputs, by both its names. */
export function zoneOf(account: Account): { readonly name: string; readonly iana: string } {
  return { name: account.timeZone, iana: ianaZone(account.timeZone) ?? 'UTC' };
}

/** What the form of an event shows. */
export function writtenIn(event: StoredEvent, account: Account): Written {
  const { subject, location, body } = event.body;
  return {
    title: String(subject ?? ''),
    place: isObject(location) ? String(location.displayName ?? '') : '',
    description: isObject(body) ? String(body.content ?? '') : '',
    ...timesOf(event.start, event.end, zoneOf(account).iana),
  };
}

/** One event, with what its owner may do to it. */
export function eventPage(scene: Scene, query: URLSearchParams): Answer {
  const shown = shownEvent(scene, query);
  if (!shown) return page(404, 'Événement introuvable', BACK);
  const { event, account } = shown;
  const calendar = scene.world.calendars.get(event.calendarId);
  const { place, description } = writtenIn(event, account);
  const facts = factsTable([
    ['Quand', when(event, account)],
    ['Calendrier', calendar?.name ?? '—'],
    ['État', event.deleted ? 'supprimé' : event.isCancelled ? 'annulé' : String(event.body.showAs)],
    ['Lieu', place || '—'],
    ['Description', description || '—'],
    ['Propriétés', JSON.stringify([...event.tags.values()].map(({ id, value }) => ({ id, value })))],
  ]);
  const forms = calendar?.canEdit ? changingForms(scene, shown) : '';
  return page(200, titleOf(event), `${facts}${forms}${BACK}`);
}

const BACK = '<p><a href="/">Tous les calendriers</a></p>';

function changingForms({ world }: Scene, { event, account }: Shown): string {
  const address = eventAddress(event);
  if (event.deleted) return deletingForm(address, true);
  const others = world.calendarsOf(account).filter(({ id, canEdit }) => canEdit && id !== event.calendarId);
  const mayMove = event.masterId === null;
  const series = isMaster(event) ? '<p class="note">Une série : toutes ses occurrences changent.</p>' : '';
  return series + writingForm(address, writtenIn(event, account), 'Modifier', 'Enregistrer') +
    movingForm(address, mayMove ? others.map(({ id, name }) => [id, name]) : []) + deletingForm(address, false);
}

/** `?calendar=…`: a new event there. */
export function newEventPage({ world }: Scene, now: number, query: URLSearchParams): Answer {
  const calendar = world.calendars.get(query.get('calendar') ?? '');
  const account = calendar && world.accounts.get(calendar.account);
  if (!calendar?.canEdit || !account) return page(404, 'Calendrier introuvable', BACK);
  const form = writingForm(newAddress(calendar.id), blank(now, zoneOf(account).iana), 'Nouvel événement', 'Créer');
  return page(200, `Nouvel événement : ${calendar.name}`, form + BACK);
}
