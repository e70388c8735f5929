/** What a person does on the pages by hand, done through the API as they would have it done by Google's own page. */
import { afterwards, blank, bothTimes, changesIn, request, type Written } from '../core/editing.ts';
import { page } from '../core/html.ts';
import type { Answer, JsonObject } from './answers.ts';
import { API_PATH } from './api.ts';
import type { GoogleEmulator } from './emulator.ts';
import { eventAddress, newAddress, shownEvent, writtenIn } from './pages.ts';

/** The form of an event's page: `do` is save, move, delete or restore. */
export async function changeEvent(
  core: GoogleEmulator,
  query: URLSearchParams,
  form: URLSearchParams,
): Promise<Answer> {
  const shown = shownEvent(core.session.scene, query);
  if (!shown?.viewer) return page(404, 'Événement introuvable', '');
  const { event, calendar, viewer } = shown;
  const path = `${encodeURIComponent(calendar.id)}/events/${event.id}`;
  const known = writtenIn(event, calendar);
  const ask = (): [verb: string, path: string, body?: JsonObject] => {
    switch (form.get('do')) {
      case 'move':
        return ['POST', `${path}/move?destination=${encodeURIComponent(form.get('calendar') ?? '')}`];
      case 'delete':
        return ['DELETE', path];
      case 'restore':
        return ['PATCH', path, { status: 'confirmed' }];
      default:
        return ['PATCH', path, resourceOf(changesIn(form, known), known, calendar.timeZone)];
    }
  };
  return await afterwards(await asked(core, viewer.email, ...ask()), eventAddress(event, viewer.email));
}

/** The form of a new event. */
export async function addEvent(core: GoogleEmulator, query: URLSearchParams, form: URLSearchParams): Promise<Answer> {
  const calendar = core.session.scene.world.calendars.get(query.get('calendar') ?? '');
  const viewer = query.get('as') ?? '';
  if (!calendar?.access.has(viewer)) return page(404, 'Agenda introuvable', '');
  const known = blank(core.now(), calendar.timeZone);
  const written: Written = { ...known, ...changesIn(form, known) };
  const body = resourceOf(written, known, calendar.timeZone);
  const answer = await asked(core, viewer, 'POST', `${encodeURIComponent(calendar.id)}/events`, body);
  return await afterwards(answer, answer.ok ? '/' : newAddress(calendar.id, viewer));
}

function asked(core: GoogleEmulator, email: string, verb: string, path: string, body?: JsonObject): Promise<Response> {
  return core.fetch(request(verb, `http://localhost${API_PATH}calendars/${path}`, core.userToken(email), body));
}

function resourceOf(changes: Partial<Written>, known: Written, zone: string): JsonObject {
  const times = bothTimes(changes, known);
  const time = (text: string) => times?.allDay ? { date: text } : { dateTime: text, timeZone: zone };
  return {
    ...(changes.title === undefined ? {} : { summary: changes.title }),
    ...(changes.place === undefined ? {} : { location: changes.place }),
    ...(changes.description === undefined ? {} : { description: changes.description }),
    ...(times === null ? {} : { start: time(times.start), end: time(times.end) }),
  };
}
