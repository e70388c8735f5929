/** What an app has with Microsoft is there after the emulator was started again. */
import { expect, test } from 'vitest';
import { restarted } from '../core/restarted.ts';
import {
  apiWith,
  calendarId,
  connect,
  DELTA,
  EVENTS,
  newEmulator,
  refresh,
  round,
  START,
  timed,
  weekly,
} from './visitor.ts';

test('accounts, events, grants, delta tokens and subscriptions go on', async () => {
  let told = 0;
  const deliver = ((address: string) => {
    const token = new URL(address).searchParams.get('validationToken');
    if (token !== null) return Promise.resolve(new Response(token, { headers: { 'content-type': 'text/plain' } }));
    told++;
    return Promise.resolve(new Response(null, { status: 202 }));
  }) as typeof fetch;
  const before = newEmulator(deliver);
  const tokens = await connect(before);
  const api = apiWith(before, tokens.access_token);
  const create = timed({ subject: 'Avant', transactionId: 'appointment-1' });
  const first = (await api('POST', EVENTS, create)).body;
  await api('POST', EVENTS, weekly({ subject: 'Série' }));
  const watched = await api('POST', 'subscriptions', {
    changeType: 'updated',
    notificationUrl: 'https://app.test/told',
    resource: `me/calendars/${calendarId('Calendar')}/events`,
    expirationDateTime: new Date(START + 3_600_000).toISOString(),
  });
  expect(watched.status).toBe(201);
  const { deltaLink } = await round(api, DELTA);

  const core = restarted(before, newEmulator(deliver));
  const renewed = await refresh(core, String(tokens.refresh_token));
  expect(renewed.status).toBe(200);
  const again = apiWith(core, renewed.body.access_token);
  expect((await again('GET', `me/events/${first.id}`)).body).toEqual(first);
  // The same create finds the same event, and a new one takes no id that was used.
  expect((await again('POST', EVENTS, create)).body.id).toBe(first.id);
  expect((await again('POST', EVENTS, timed({ subject: 'Nouveau' }))).body.id).not.toBe(first.id);
  await again('PATCH', `me/events/${first.id}`, { subject: 'Après' });
  await core.session.subscriptions.settled();
  expect(told).toBe(1);
  const { items } = await round(again, deltaLink);
  expect(items.map(({ subject }) => subject).toSorted()).toEqual(['Après', 'Nouveau']);
});
