/**
 * The forms with which a person changes an event by hand on an emulator's pages, as in the provider's own calendar. What is
 * sent goes through the provider's API, with a token of the person.
 */
import { type Answer, isObject, type JsonObject } from './answers.ts';
import { escape, page } from './html.ts';
import { offsetAt } from './times.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** What the form shows, as its inputs have it: times are the zone's, and the end of a whole day is its last day. */
export interface Written {
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly place: string;
  readonly description: string;
}

type StoredTime = { readonly day: string } | { readonly at: number };

const EMPTY = { title: '', place: '', description: '' };

/** An event's times for the inputs. */
export function timesOf(start: StoredTime, end: StoredTime, zone: string): Pick<Written, 'start' | 'end'> {
  const input = (time: StoredTime, days: number) => 'day' in time ? shifted(time.day, days) : wallOf(time.at, zone);
  return { start: input(start, 0), end: input(end, -1) };
}

/** A new event: an hour from the next full hour on. */
export function blank(now: number, zone: string): Written {
  const start = Math.ceil(now / HOUR) * HOUR;
  return { ...EMPTY, ...timesOf({ at: start }, { at: start + HOUR }, zone) };
}

/** What a form sent that is not what the event has: what was not typed into is not written. */
export function changesIn(form: URLSearchParams, known: Written): Partial<Written> {
  const sent = Object.keys(known).flatMap((name) => {
    const value = form.get(name)?.replaceAll('\r\n', '\n');
    return value === undefined || value === known[name as keyof Written] ? [] : [[name, value]];
  });
  return Object.fromEntries(sent);
}

/** Both ends of a time that was changed, for the API: a day's end is the day after. */
export function bothTimes(
  changes: Partial<Written>,
  known: Written,
): { readonly allDay: boolean; readonly start: string; readonly end: string } | null {
  if (changes.start === undefined && changes.end === undefined) return null;
  const { start, end } = { ...known, ...changes };
  const allDay = known.start.length === 10;
  return allDay ? { allDay, start, end: shifted(end, 1) } : { allDay, start: `${start}:00`, end: `${end}:00` };
}

function wallOf(at: number, zone: string): string {
  return new Date(at + offsetAt(zone, at)).toISOString().slice(0, 16);
}

function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** `action`: where it is sent. */
export function writingForm(action: string, known: Written, legend: string, button: string): string {
  const type = known.start.length === 10 ? 'date' : 'datetime-local';
  const input = (name: keyof Written, label: string, kind: string) =>
    `<label>${label} <input type="${kind}" name="${name}" value="${escape(known[name])}"></label>`;
  return `<form method="post" action="${escape(action)}"><fieldset><legend>${legend}</legend>
${input('title', 'Titre', 'text')}
${input('start', 'Début', type)}
${input('end', 'Fin', type)}
${input('place', 'Lieu', 'text')}
<label>Description <textarea name="description" rows="4">${escape(known.description)}</textarea></label>
<button name="do" value="save">${button}</button></fieldset></form>`;
}

/** `calendars`: where it may go, as id and name. */
export function movingForm(action: string, calendars: ReadonlyArray<readonly [string, string]>): string {
  if (calendars.length === 0) return '';
  const options = calendars.map(([id, name]) => `<option value="${escape(id)}">${escape(name)}</option>`);
  return `<form method="post" action="${escape(action)}"><fieldset><legend>Déplacer</legend>
<label>Vers l’agenda <select name="calendar">${options.join('')}</select></label>
<button name="do" value="move">Déplacer</button></fieldset></form>`;
}

export function deletingForm(action: string, deleted: boolean): string {
  const [what, button] = deleted ? ['restore', 'Restaurer'] : ['delete', 'Supprimer'];
  return `<form method="post" action="${escape(action)}"><button name="do" value="${what}">${button}</button></form>`;
}

/** Back to a page after a change that the API took; its refusal, in its own words. */
export async function afterwards(answer: Response, address: string): Promise<Answer> {
  const text = await answer.text();
  if (answer.ok) return { status: 303, headers: { location: address } };
  const body: unknown = JSON.parse(text);
  const error: JsonObject = isObject(body) && isObject(body.error) ? body.error : {};
  const words = `<p>${escape(String(error.message ?? answer.status))}</p><p><a href="${
    escape(address)
  }">Retour</a></p>`;
  return page(answer.status, 'Refusé', words);
}

/** A request of the person's, as their own calendar page makes it. */
export function request(verb: string, address: string, token: string, body?: unknown): Request {
  return new Request(address, {
    method: verb,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
