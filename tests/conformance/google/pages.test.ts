import { describe, expect, test } from 'vitest';
import type { GoogleEmulator } from '../../../emulators/google/emulator.ts';
import { formOn, linkOn, press } from '../core/pages.ts';
import { allDay, connectedApi, control, EVENTS, newEmulator, send, START, timed } from './visitor.ts';

test('a person sees each account’s calendars and what is in them', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  await api('POST', EVENTS, timed({ summary: 'Séance <b>8</b>' }));
  await api('POST', EVENTS, allDay({ summary: 'Congé', recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] }));
  const page = await send(core, '/?from=2026-12-01');
  expect(page.headers.get('content-type')).toContain('text/html');
  const texts = ['Claire Lumière', 'Marc Rivoli', 'Cabinet de Claire', 'lecture seule', 'Séance &lt;b&gt;8&lt;/b&gt;'];
  for (const text of [...texts, '09:00 – 10:00', 'toute la journée']) expect(page.text).toContain(text);
  expect(page.text.match(/>Congé</g)).toHaveLength(2);
  expect((await send(core, '/?from=2027-03-01')).text).not.toContain('Congé');
});

test('an event’s link leads to its page', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  const { htmlLink } = (await api('POST', EVENTS, timed({ location: 'Salle 2' }))).body;
  const { pathname, search } = new URL(htmlLink);
  const page = await send(core, pathname + search);
  expect([page.status, page.text.includes('Salle 2')]).toEqual([200, true]);
  expect((await send(core, '/calendar/event?eid=nothing')).status).toBe(404);
});

test('a page load leaves no violation behind', async () => {
  const core = newEmulator();
  await send(core, '/');
  await send(core, '/favicon.ico');
  expect((await control(core, 'state?only=violations')).violations).toEqual([]);
});

describe('by hand', () => {
  const PRIVATE = { extendedProperties: { private: { appointment: '1' } } };
  const stateOf = async (core: GoogleEmulator, id: string) => {
    const { events } = await control(core, 'state?only=events');
    return events.filter((event: { id: string; status: string }) => event.id === id && event.status !== 'cancelled');
  };

  async function shown(event: Record<string, unknown>) {
    const core = newEmulator();
    const api = await connectedApi(core);
    const { body } = await api('POST', EVENTS, event);
    const address = linkOn(await send(core, '/?from=2026-12-01'), String(event.summary));
    return { core, api, id: body.id as string, address };
  }

  test('a person changes an event, and what they did not touch stays, the app’s own properties too', async () => {
    const { core, id, address } = await shown(timed({ summary: 'Consultation', location: 'Salle 2', ...PRIVATE }));
    await press(core, address, 'save', { title: 'Autre', start: '2026-12-01T14:00', end: '2026-12-01T14:30' });
    const [event] = await stateOf(core, id);
    expect(event).toMatchObject({ summary: 'Autre', location: 'Salle 2', ...PRIVATE });
    expect(event.start).toEqual({ dateTime: '2026-12-01T14:00:00+01:00', timeZone: 'Europe/Paris' });
    expect(event.end.dateTime).toBe('2026-12-01T14:30:00+01:00');
  });

  test('a form that is sent as it came changes nothing', async () => {
    for (const event of [timed(), allDay()]) {
      const { core, id, address } = await shown(event);
      const [before] = await stateOf(core, id);
      await press(core, address, 'save', formOn(await send(core, address)));
      const { start, end, summary } = (await stateOf(core, id))[0];
      expect({ start, end, summary }).toEqual({ start: before.start, end: before.end, summary: before.summary });
    }
  });

  test('the end of whole days is their last day', async () => {
    const { core, id, address } = await shown(allDay());
    expect(formOn(await send(core, address))).toMatchObject({ start: '2026-12-01', end: '2026-12-01' });
    await press(core, address, 'save', { end: '2026-12-03' });
    expect((await stateOf(core, id))[0].end).toEqual({ date: '2026-12-04' });
  });

  test('moves it to another calendar of theirs', async () => {
    const { core, id, address } = await shown(timed());
    await press(core, address, 'move', { calendar: 'claire-cabinet@group.calendar.google.com' });
    expect(await stateOf(core, id)).toMatchObject([{ calendarId: 'claire-cabinet@group.calendar.google.com' }]);
    expect((await send(core, address)).text).toContain('Cabinet de Claire');
  });

  test('deletes it, finds it among the deleted ones, and brings it back', async () => {
    const { core, id, address } = await shown(timed());
    await press(core, address, 'delete');
    expect(await stateOf(core, id)).toEqual([]);
    expect(linkOn(await send(core, '/?from=2026-12-01'), 'Consultation')).toBe(address);
    await press(core, address, 'restore');
    expect(await stateOf(core, id)).toMatchObject([{ summary: 'Consultation' }]);
  });

  test('adds one', async () => {
    const core = newEmulator();
    await press(core, linkOn(await send(core, '/'), 'Nouvel événement'), 'save', { title: 'Déjeuner' });
    const { events } = await control(core, 'state?only=events');
    expect(events).toMatchObject([{ summary: 'Déjeuner', calendarId: 'claire@gmail.test' }]);
    expect(Date.parse(events[0].start.dateTime)).toBeGreaterThanOrEqual(START);
  });

  test('what the calendar refuses is said, and a calendar that may only be read has no form', async () => {
    const { core, address } = await shown(timed());
    const refused = await send(core, address, {
      method: 'POST',
      body: new URLSearchParams({ do: 'save', end: '2026-11-01T09:00' }),
    });
    expect([refused.status, refused.text.includes('The specified time range is empty.')]).toEqual([400, true]);
    await control(core, 'calendars', { id: 'claire@gmail.test', access: { 'claire@gmail.test': 'reader' } });
    expect((await send(core, address)).text).not.toContain('<form');
  });

  test('tells the app’s channels, costs no quota, and is in no log of the app’s calls', async () => {
    const { core, api, address } = await shown(timed());
    const before = await control(core, 'state?only=accounts,calls');
    await press(core, address, 'save', { title: 'Autre' });
    expect(await control(core, 'state?only=accounts,calls')).toEqual(before);
    expect((await api('GET', EVENTS)).body.items).toMatchObject([{ summary: 'Autre' }]);
  });
});
