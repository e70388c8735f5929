/** What an app has with Google is there after the emulator was started again. */
import { expect, test } from 'vitest';
import { restarted } from '../core/restarted.ts';
import { apiWith, connect, EVENTS, newEmulator, refresh, timed } from './visitor.ts';

test('accounts, events, grants, sync tokens and channels go on', async () => {
  let told = 0;
  const deliver = (() => {
    told++;
    return Promise.resolve(new Response(null));
  }) as typeof fetch;
  const before = newEmulator(deliver);
  const tokens = await connect(before);
  const api = apiWith(before, tokens.access_token);
  const first = (await api('POST', EVENTS, timed({ id: 'aaaaa', summary: 'Avant' }))).body;
  await api('POST', `${EVENTS}/watch`, { id: 'channel-1', type: 'web_hook', address: 'https://app.test/told' });
  const { nextSyncToken } = (await api('GET', EVENTS)).body;

  const core = restarted(before, newEmulator(deliver));
  const renewed = await refresh(core, String(tokens.refresh_token));
  expect(renewed.status).toBe(200);
  const again = apiWith(core, renewed.body.access_token);
  expect((await again('GET', `${EVENTS}/aaaaa`)).body).toEqual(first);
  expect((await apiWith(core, tokens.access_token)('GET', EVENTS)).status).toBe(200);
  const toldBefore = told;
  expect((await again('PATCH', `${EVENTS}/aaaaa`, { summary: 'Après' })).body.etag).not.toBe(first.etag);
  await core.session.channels.settled();
  expect(told).toBe(toldBefore + 1);
  expect((await again('GET', `${EVENTS}?syncToken=${nextSyncToken}`)).body.items).toMatchObject([{ summary: 'Après' }]);
  expect((await again('POST', EVENTS, timed({ id: 'aaaaa' }))).status).toBe(409);
});

test('a list goes on where it was', async () => {
  const before = newEmulator();
  const { access_token } = await connect(before);
  for (const id of ['aaaaa', 'bbbbb']) await apiWith(before, access_token)('POST', EVENTS, timed({ id }));
  const { nextPageToken } = (await apiWith(before, access_token)('GET', `${EVENTS}?maxResults=1`)).body;
  const api = apiWith(restarted(before, newEmulator()), access_token);
  expect((await api('GET', `${EVENTS}?maxResults=1`)).body.nextPageToken).not.toBe(nextPageToken);
  const { items } = (await api('GET', `${EVENTS}?maxResults=1&pageToken=${nextPageToken}`)).body;
  expect(items).toMatchObject([{ id: 'bbbbb' }]);
});

test('what a test armed does not', () => {
  const before = newEmulator();
  before.addFault({ action: { status: 500 } });
  before.configure({ strict: false });
  const core = restarted(before, newEmulator());
  expect([core.faults(), core.settings.strict]).toEqual([[], true]);
});
