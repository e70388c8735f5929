import { describe, expect, test } from 'vitest';
import type { MicrosoftEmulator } from '../../../emulators/microsoft/emulator.ts';
import { formOn, linkOn, press } from '../core/pages.ts';
import { allDay, calendarId, control, EVENTS, send, stage, TAG, timed, weekly } from './visitor.ts';

const MONTH = '/?from=2026-12-01';

async function shown(event: Record<string, unknown>) {
  const { core, api } = await stage();
  const { body } = await api('POST', EVENTS, event);
  const address = linkOn(await send(core, MONTH), String(event.subject));
  return { core, api, id: body.id as string, address };
}

const live = async (core: MicrosoftEmulator) =>
  (await control(core, 'state?only=events')).events.filter((event: { deleted: boolean }) => !event.deleted);

describe('by hand', () => {
  test('a person changes an event, and what they did not touch stays, the app’s own properties too', async () => {
    const tags = { singleValueExtendedProperties: [{ id: TAG, value: '1' }] };
    const { core, api, id, address } = await shown(timed({ location: { displayName: 'Salle 2' }, ...tags }));
    await press(core, address, 'save', { title: 'Autre', start: '2026-12-01T14:00', end: '2026-12-01T14:30' });
    const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${TAG}')`);
    const { body } = await api('GET', `me/events/${id}?$expand=${expand}`);
    expect(body).toMatchObject({ subject: 'Autre', location: { displayName: 'Salle 2' }, ...tags });
    expect(body.start.dateTime).toBe('2026-12-01T13:00:00.0000000');
    expect(body.end.dateTime).toBe('2026-12-01T13:30:00.0000000');
  });

  test('a form that is sent as it came changes nothing', async () => {
    for (const event of [timed(), allDay()]) {
      const { core, api, id, address } = await shown(event);
      const { start, end, subject, body: text } = (await api('GET', `me/events/${id}`)).body;
      await press(core, address, 'save', formOn(await send(core, address)));
      expect((await api('GET', `me/events/${id}`)).body).toMatchObject({ start, end, subject, body: text });
    }
  });

  test('the end of whole days is their last day', async () => {
    const { core, api, id, address } = await shown(allDay());
    await press(core, address, 'save', { end: '2026-12-03' });
    expect((await api('GET', `me/events/${id}`)).body.end.dateTime).toBe('2026-12-04T00:00:00.0000000');
  });

  test('one occurrence of a series is changed, and the others stay', async () => {
    const { core, address } = await shown(weekly());
    await press(core, address, 'save', { title: 'Autre' });
    const { text } = await send(core, MONTH);
    expect([text.match(/>Autre</g)?.length, text.match(/>Consultation</g)?.length]).toEqual([1, 4]);
  });

  test('moves it to another calendar of theirs', async () => {
    const { core, address } = await shown(timed());
    const page = await press(core, address, 'move', { calendar: calendarId('cabinet') });
    expect(page.text).toContain('Cabinet de Claire');
    expect(await live(core)).toMatchObject([{ calendarId: calendarId('cabinet') }]);
  });

  test('deletes it, finds it among the deleted ones, and brings it back', async () => {
    const { core, address } = await shown(timed());
    await press(core, address, 'delete');
    expect(await live(core)).toEqual([]);
    expect(linkOn(await send(core, MONTH), 'Consultation')).toBe(address);
    await press(core, address, 'restore');
    expect(await live(core)).toMatchObject([{ subject: 'Consultation' }]);
  });

  test('adds one', async () => {
    const { core } = await stage();
    await press(core, linkOn(await send(core, '/'), 'Nouvel événement'), 'save', { title: 'Déjeuner' });
    expect(await live(core)).toMatchObject([{ subject: 'Déjeuner', calendarId: calendarId('Calendar') }]);
  });

  test('what the calendar refuses is said, and a calendar that may only be read has no form', async () => {
    const { core, address } = await shown(timed());
    const body = new URLSearchParams({ do: 'save', end: '2026-11-01T09:00' });
    const refused = await send(core, address, { method: 'POST', body });
    expect([refused.status, refused.text.includes('The end is before the start.')]).toEqual([400, true]);
    await control(core, 'calendars', { id: calendarId('Calendar'), canEdit: false });
    expect((await send(core, address)).text).not.toContain('<form');
  });
});
