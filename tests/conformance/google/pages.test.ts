import { expect, test } from 'vitest';
import { allDay, connectedApi, control, EVENTS, newEmulator, send, timed } from './visitor.ts';

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
