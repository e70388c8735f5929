import { describe, expect, test } from 'vitest';
import { connectedApi, control, EVENTS, newEmulator, reasonOf, START, timed } from './visitor.ts';

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
