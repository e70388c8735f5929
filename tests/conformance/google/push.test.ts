import { describe, expect, test } from 'vitest';
import { GoogleEmulator } from '../../../emulators/google/emulator.ts';
import {
  type Api,
  connectedApi,
  control,
  EVENTS,
  newEmulator,
  reasonOf,
  REDIRECT_URI,
  START,
  timed,
} from './visitor.ts';

const WATCH = `${EVENTS}/watch`;

/** A receiver that remembers what it got. */
function receiver(status = 200) {
  const got: Headers[] = [];
  const deliver = ((_address: string, init: RequestInit) => {
    got.push(new Headers(init.headers));
    return Promise.resolve(new Response(null, { status }));
  }) as unknown as typeof fetch;
  return { got, deliver, numbers: () => got.map((headers) => Number(headers.get('x-goog-message-number'))) };
}

function channel(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 'channel-1', type: 'web_hook', address: 'https://app.test/notifications', token: 'secret', ...changes };
}

describe('watch', () => {
  test('answers what is needed to stop, and its end in milliseconds as text', async () => {
    const { deliver } = receiver();
    const { body } = await (await connectedApi(newEmulator(deliver)))('POST', WATCH, channel());
    expect(body).toEqual({
      kind: 'api#channel',
      id: 'channel-1',
      resourceId: expect.any(String),
      resourceUri: expect.stringContaining('/calendars/primary/events'),
      token: 'secret',
      expiration: String(START + 7 * 86_400_000),
    });
  });

  test('takes the stricter of the wish and seven days', async () => {
    const api = await connectedApi(newEmulator(receiver().deliver));
    const end = async (changes: Record<string, unknown>) =>
      Number((await api('POST', WATCH, channel(changes))).body.expiration) - START;
    expect(await end({ id: 'a', params: { ttl: '3600' } })).toBe(3_600_000);
    expect(await end({ id: 'b', params: { ttl: '9999999' } })).toBe(7 * 86_400_000);
    expect(await end({ id: 'c', expiration: String(START + 60_000) })).toBe(60_000);
  });

  test('sends the sync message before its own answer', async () => {
    const { got, deliver } = receiver();
    let gotAtAnswer = -1;
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    await api('POST', WATCH, channel()).then(() => gotAtAnswer = got.length);
    expect(gotAtAnswer).toBe(1);
    expect(Object.fromEntries(got[0] ?? [])).toMatchObject({
      'x-goog-channel-id': 'channel-1',
      'x-goog-channel-token': 'secret',
      'x-goog-resource-state': 'sync',
      'x-goog-message-number': '1',
      'x-goog-channel-expiration': 'Sat, 28 Nov 2026 08:00:00 GMT',
      'content-length': '0',
    });
  });

  test.each([
    [{ address: 'http://app.test/plain' }, 401, 'push.webhookUrlUnauthorized'],
    [{ id: 'x'.repeat(65) }, 400, 'invalid'],
    [{ token: 'x'.repeat(257) }, 400, 'invalid'],
    [{ type: 'mail' }, 400, 'invalid'],
  ])('refuses %j', async (changes, status, reason) => {
    const reply = await (await connectedApi(newEmulator(receiver().deliver)))('POST', WATCH, channel(changes));
    expect([reply.status, reasonOf(reply)]).toEqual([status, reason]);
  });

  test('refuses an id that was used before, even after its stop', async () => {
    const api = await connectedApi(newEmulator(receiver().deliver));
    const { body } = await api('POST', WATCH, channel());
    await api('POST', 'channels/stop', { id: body.id, resourceId: body.resourceId });
    expect(reasonOf(await api('POST', WATCH, channel()))).toBe('channelIdNotUnique');
  });

  test('refuses a calendar that has no push', async () => {
    const core = newEmulator(receiver().deliver);
    const api = await connectedApi(core);
    await control(core, 'calendars', { id: 'claire@gmail.test', pushSupported: false });
    const reply = await api('POST', WATCH, channel());
    expect([reply.status, reasonOf(reply)]).toEqual([400, 'pushNotSupportedForRequestedResource']);
  });
});

describe('notifications', () => {
  test('go to every live channel of the calendar: old and new overlap, stopped and expired ones are silent', async () => {
    const { got, deliver } = receiver();
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    await api('POST', WATCH, channel({ id: 'short', params: { ttl: '60' } }));
    const { body } = await api('POST', WATCH, channel({ id: 'old' }));
    await api('POST', WATCH, channel({ id: 'new' }));
    got.length = 0;
    const told = async () => {
      await api('POST', EVENTS, timed());
      await core.session.channels.settled();
      return got.splice(0).map((headers) => headers.get('x-goog-channel-id'));
    };
    expect(await told()).toEqual(['short', 'old', 'new']);
    expect((await api('POST', 'channels/stop', { id: 'old', resourceId: body.resourceId })).status).toBe(204);
    core.advance(60_000);
    expect(await told()).toEqual(['new']);
  });

  test('say exists for a deletion too, and carry growing numbers', async () => {
    const { got, deliver, numbers } = receiver();
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    core.configure({ pushNumberGap: 2 });
    await api('POST', WATCH, channel());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    await api('DELETE', `${EVENTS}/abcde`);
    await core.session.channels.settled();
    expect(got.map((headers) => headers.get('x-goog-resource-state'))).toEqual(['sync', 'exists', 'exists']);
    expect(numbers()).toEqual([1, 4, 7]);
  });

  test('can be lost or doubled', async () => {
    const { deliver, numbers } = receiver();
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    await api('POST', WATCH, channel());
    core.configure({ pushLoseEvery: 2, pushDoubleEvery: 3 });
    for (let change = 0; change < 3; change++) await api('POST', EVENTS, timed());
    await core.session.channels.settled();
    expect(numbers()).toEqual([1, 2, 4, 4]);
    expect(core.state().deliveries.map((delivery) => delivery.status)).toEqual([200, 200, null, 200, 200]);
  });
});

describe('a notification in trouble', () => {
  const change = (api: Api) => api('POST', EVENTS, timed());

  test('can be late, by the clock of the emulator', async () => {
    const { got, deliver } = receiver();
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    await api('POST', WATCH, channel());
    core.configure({ pushDelayMs: 5000 });
    await change(api);
    core.advance(4999);
    await core.session.channels.settled();
    expect(got).toHaveLength(1);
    core.advance(1);
    await core.session.channels.settled();
    expect(got).toHaveLength(2);
  });

  test('is late by time that passes, too', async () => {
    const { got, deliver } = receiver();
    const options = { clientId: 'client-1', clientSecret: 'secret-1', redirectUris: [REDIRECT_URI], deliver };
    const core = new GoogleEmulator(options);
    const api = await connectedApi(core);
    await api('POST', WATCH, channel());
    core.configure({ pushDelayMs: 30 });
    await change(api);
    expect(got).toHaveLength(1);
    await expect.poll(() => got.length).toBe(2);
  });

  test.each([500, 502, 503, 504])(
    'is repeated after a %i, each time after twice as long, and not for ever',
    async (status) => {
      const { deliver, numbers } = receiver(status);
      const core = newEmulator(deliver);
      const api = await connectedApi(core);
      core.configure({ syncBeforeWatchAnswer: false });
      await api('POST', WATCH, channel());
      await core.session.channels.settled();
      const attempts: number[] = [];
      for (let second = 0; second < 120; second++) {
        const before = numbers().length;
        core.advance(1000);
        await core.session.channels.settled();
        if (numbers().length > before) attempts.push(second + 1);
      }
      expect(attempts).toEqual([1, 3, 7, 15, 31]);
      expect(new Set(numbers())).toEqual(new Set([1]));
      expect(core.state().deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    },
  );

  test.each([200, 201, 202, 204, 400, 401, 404, 410])('is not repeated after a %i', async (status) => {
    const { got, deliver } = receiver(status);
    const core = newEmulator(deliver);
    await (await connectedApi(core))('POST', WATCH, channel());
    core.advance(60_000);
    await core.session.channels.settled();
    expect(got).toHaveLength(1);
  });

  test('is not repeated to a channel that was stopped meanwhile', async () => {
    const { got, deliver } = receiver(503);
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    const { id, resourceId } = (await api('POST', WATCH, channel())).body;
    await api('POST', 'channels/stop', { id, resourceId });
    core.advance(60_000);
    await core.session.channels.settled();
    expect(got).toHaveLength(1);
  });

  test('is one that a channel that died in silence never sends', async () => {
    const { deliver, numbers } = receiver();
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    core.configure({ pushDieAfter: 1 });
    const { id, resourceId } = (await api('POST', WATCH, channel())).body;
    for (let turn = 0; turn < 3; turn++) await change(api);
    await core.session.channels.settled();
    expect(numbers()).toEqual([1, 2]);
    expect(core.state().deliveries.map(({ status }) => status)).toEqual([200, 200, null, null]);
    expect(core.state().channels).toMatchObject([{ silent: true }]);
    core.configure({ pushDieAfter: 0 });
    await change(api);
    expect(numbers()).toEqual([1, 2]);
    expect((await api('POST', 'channels/stop', { id, resourceId })).status).toBe(204);
  });

  test('is one that a channel silenced by hand never sends, while its neighbour does', async () => {
    const { got, deliver } = receiver();
    const core = newEmulator(deliver);
    const api = await connectedApi(core);
    for (const id of ['old', 'new']) await api('POST', WATCH, channel({ id }));
    got.length = 0;
    await control(core, 'channels', { silence: 'old' });
    await change(api);
    await core.session.channels.settled();
    expect(got.map((headers) => headers.get('x-goog-channel-id'))).toEqual(['new']);
    await expect(control(core, 'channels', { silence: 'other' })).rejects.toThrow('there is none');
  });

  test('is forgotten by a reset', async () => {
    const { got, deliver } = receiver(503);
    const core = newEmulator(deliver);
    await (await connectedApi(core))('POST', WATCH, channel());
    const { channels } = core.session;
    core.reset();
    core.advance(60_000);
    channels.wake();
    await channels.settled();
    expect(got).toHaveLength(1);
  });
});

test('stopping an unknown channel, or with another resource or account, is 404', async () => {
  const core = newEmulator(receiver().deliver);
  const api = await connectedApi(core);
  const marc = await connectedApi(core, 'marc@gmail.test');
  const { resourceId } = (await api('POST', WATCH, channel())).body;
  for (
    const [caller, body] of [[api, { id: 'other', resourceId }], [api, { id: 'channel-1', resourceId: 'x' }], [marc, {
      id: 'channel-1',
      resourceId,
    }]] as const
  ) {
    const reply = await caller('POST', 'channels/stop', body);
    expect([reply.status, reasonOf(reply)]).toEqual([404, 'notFound']);
  }
});
