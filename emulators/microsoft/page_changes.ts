/**
 * What a person does on the pages by hand: through Graph as far as Graph has it. Moving to another calendar and bringing back
 * from Deleted Items are Outlook's own.
 */
import type { Answer, JsonObject } from '../core/answers.ts';
import { afterwards, blank, bothTimes, changesIn, request, type Written } from '../core/editing.ts';
import { page } from '../core/html.ts';
import type { MicrosoftEmulator } from './emulator.ts';
import { GRAPH_PATH } from './graph.ts';
import { eventAddress, newAddress, shownEvent, writtenIn, zoneOf } from './pages.ts';
import { seedEvent } from './seeding.ts';

/** The form of an event's page: `do` is save, move, delete or restore. */
export async function changeEvent(
  core: MicrosoftEmulator,
  query: URLSearchParams,
  form: URLSearchParams,
): Promise<Answer> {
  const { scene } = core.session;
  const shown = shownEvent(scene, query);
  if (!shown) return page(404, 'Événement introuvable', '');
  const { event, account } = shown;
  const address = eventAddress(event);
  const path = `me/events/${encodeURIComponent(event.immutableId)}`;
  switch (form.get('do')) {
    case 'move':
      seedEvent(scene, { eventId: event.immutableId, moveTo: form.get('calendar') }, core.now());
      return { status: 303, headers: { location: address } };
    case 'restore':
      seedEvent(scene, { eventId: event.immutableId, restore: true }, core.now());
      return { status: 303, headers: { location: address } };
    case 'delete':
      return await afterwards(await asked(core, account.email, 'DELETE', path), address);
    default: {
      const known = writtenIn(event, account);
      const body = resourceOf(changesIn(form, known), known, zoneOf(account).name);
      return await afterwards(await asked(core, account.email, 'PATCH', path, body), address);
    }
  }
}

/** The form of a new event. */
export async function addEvent(
  core: MicrosoftEmulator,
  query: URLSearchParams,
  form: URLSearchParams,
): Promise<Answer> {
  const { world } = core.session.scene;
  const calendar = world.calendars.get(query.get('calendar') ?? '');
  const account = calendar && world.accounts.get(calendar.account);
  if (!account) return page(404, 'Calendrier introuvable', '');
  const zone = zoneOf(account);
  const known = blank(core.now(), zone.iana);
  const body = resourceOf({ ...known, ...changesIn(form, known) }, known, zone.name);
  const path = `me/calendars/${encodeURIComponent(calendar.id)}/events`;
  const answer = await asked(core, account.email, 'POST', path, body);
  return await afterwards(answer, answer.ok ? '/' : newAddress(calendar.id));
}

function asked(
  core: MicrosoftEmulator,
  email: string,
  verb: string,
  path: string,
  body?: JsonObject,
): Promise<Response> {
  return core.fetch(request(verb, `http://localhost${GRAPH_PATH}${path}`, core.userToken(email), body));
}

function resourceOf(changes: Partial<Written>, known: Written, zone: string): JsonObject {
  const times = bothTimes(changes, known);
  const time = (text: string) => ({ dateTime: text.length === 10 ? `${text}T00:00:00` : text, timeZone: zone });
  return {
    ...(changes.title === undefined ? {} : { subject: changes.title }),
    ...(changes.place === undefined ? {} : { location: { displayName: changes.place } }),
    ...(changes.description === undefined ? {} : { body: { content: changes.description } }),
    ...(times === null ? {} : { start: time(times.start), end: time(times.end) }),
  };
}
