import { describe, expect, test } from 'vitest';
import {
  type Api,
  apiWith,
  calendarId,
  CLAIRE,
  codeOf,
  connectedApi,
  control,
  EVENTS,
  type Json,
  newEmulator,
  START,
  timed,
} from './visitor.ts';

const URL_OF_APP = 'https://app.test/notifications?key=1';

interface Got {
  readonly url: URL;
  readonly type: string | null;
  readonly body: Json;
}

/** A receiver that gives tokens back as it should and remembers everything else. */
function receiver(answer: (token: string) => Response = (token) => plain(token)) {
  const got: Got[] = [];
  const handshakes: Got[] = [];
  let status = 202;
  const deliver = ((address: string, init: RequestInit) => {
    const url = new URL(address);
    const body = init.body ? JSON.parse(String(init.body)) : null;
    const one = { url, type: new Headers(init.headers).get('content-type'), body };
    const token = url.searchParams.get('validationToken');
    (token === null ? got : handshakes).push(one);
    return Promise.resolve(token === null ? new Response(null, { status }) : answer(token));
  }) as unknown as typeof fetch;
  return {
    got,
    handshakes,
    deliver,
    items: () => got.flatMap(({ body }) => body.value),
    fail: (s: number) => status = s,
  };
}

function plain(text: string, status = 200, type = 'text/plain'): Response {
  return new Response(text, { status, headers: { 'content-type': type } });
}

const inMinutes = (minutes: number) => new Date(START + minutes * 60_000).toISOString();

function subscription(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    changeType: 'created,updated,deleted',
    notificationUrl: URL_OF_APP,
    resource: `me/calendars/${calendarId('Calendar')}/events`,
    expirationDateTime: inMinutes(10_080),
    clientState: 'secret',
    ...changes,
  };
}

async function stage(answer?: (token: string) => Response) {
  const app = receiver(answer);
  const core = newEmulator(app.deliver);
  return { app, core, api: await connectedApi(core) };
}

/** What the app was told of an event made now. */
async function told(core: ReturnType<typeof newEmulator>, api: Api, app: ReturnType<typeof receiver>, path = EVENTS) {
  const before = app.items().length;
  const { body } = await api('POST', path, timed());
  await core.session.subscriptions.settled();
  return { event: body, items: app.items().slice(before) };
}

describe('subscribing', () => {
  test('shakes hands first: a token in the query, to be given back decoded', async () => {
    const { app, api } = await stage();
    const reply = await api('POST', 'subscriptions', subscription());
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      id: expect.any(String),
      applicationId: 'client-1',
      expirationDateTime: inMinutes(10_080),
      resource: subscription().resource,
    });
    expect(app.handshakes).toHaveLength(1);
    const [{ url, type } = { url: new URL('https://nobody.test'), type: '' }] = app.handshakes;
    expect([type, url.searchParams.get('key')]).toEqual(['text/plain; charset=utf-8', '1']);
    expect(decodeURIComponent(url.search)).toMatch(/Validation:/);
  });

  test.each<[string, (token: string) => Response]>([
    ['the encoded token', (token) => plain(encodeURIComponent(token))],
    ['another type', (token) => plain(token, 200, 'application/json')],
    ['another status', (token) => plain(token, 202)],
    ['nothing', () => plain('')],
  ])('fails where the app gives back %s', async (_name, answer) => {
    const { core, api } = await stage(answer);
    const reply = await api('POST', 'subscriptions', subscription());
    expect([reply.status, codeOf(reply)]).toEqual([400, 'ValidationError']);
    expect(core.state().subscriptions).toEqual([]);
  });

  test('fails where the app does not answer in time', async () => {
    const deliver =
      ((_url: string, { signal }: RequestInit) =>
        new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason))
        )) as unknown as typeof fetch;
    const core = newEmulator(deliver);
    core.configure({ handshakeMs: 5 });
    const reply = await (await connectedApi(core))('POST', 'subscriptions', subscription());
    expect([reply.status, codeOf(reply)]).toEqual([400, 'InvalidRequest']);
  });

  test.each<[Record<string, unknown>, number, string]>([
    [{ notificationUrl: 'http://app.test/plain' }, 400, 'InvalidRequest'],
    [{ changeType: 'renamed' }, 400, 'InvalidRequest'],
    [{ clientState: 'x'.repeat(129) }, 400, 'InvalidRequest'],
    [{ expirationDateTime: inMinutes(10_081) }, 400, 'InvalidRequest'],
    [{ expirationDateTime: inMinutes(0) }, 400, 'InvalidRequest'],
    [{ resource: 'me/events/AAMkNobodyKnowsThis=' }, 400, 'InvalidRequest'],
    [{ resource: 'me/messages' }, 400, 'InvalidRequest'],
    [{ resource: 'users/marc@outlook.test/events' }, 403, 'ExtensionError'],
    [{ resource: `me/calendars/${calendarId('equipe')}/events` }, 403, 'ExtensionError'],
    [{ resource: `me/calendars/${encodeURIComponent(calendarId('Calendar'))}/events` }, 404, 'ErrorItemNotFound'],
    [{ resource: 'me/calendars/100%/events' }, 404, 'ErrorItemNotFound'],
    [{ resource: 'me/calendars/AAMkNobodyKnowsThis=/events' }, 404, 'ErrorItemNotFound'],
    [{ lifecycleNotificationUrl: 'https://other.test/lifecycle' }, 400, 'InvalidRequest'],
  ])('with %j is refused', async (changes, status, code) => {
    const reply = await (await stage()).api('POST', 'subscriptions', subscription(changes));
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });

  test('twice to the same is refused; a short life is raised to 45 minutes', async () => {
    const { api } = await stage();
    const { body } = await api('POST', 'subscriptions', subscription({ expirationDateTime: inMinutes(5) }));
    expect(body.expirationDateTime).toBe(inMinutes(45));
    expect((await api('POST', 'subscriptions', subscription())).status).toBe(409);
  });

  test('has an upper bound for each mailbox', async () => {
    const { core, api } = await stage();
    core.configure({ subscriptionsPerMailbox: 1 });
    expect((await api('POST', 'subscriptions', subscription())).status).toBe(201);
    expect((await api('POST', 'subscriptions', subscription({ changeType: 'created' }))).status).toBe(403);
  });
});

describe('a subscription', () => {
  test('is read, listed, renewed and deleted by its owner; after its end it is gone', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', 'subscriptions', subscription({ expirationDateTime: inMinutes(60) }));
    const path = `subscriptions/${body.id}`;
    expect((await api('GET', path)).body.id).toBe(body.id);
    expect((await api('GET', 'subscriptions')).body.value).toHaveLength(1);
    expect((await (await connectedApi(core, 'marc@outlook.test'))('GET', path)).status).toBe(404);
    const renewed = await api('PATCH', path, { expirationDateTime: inMinutes(120) });
    expect([renewed.status, renewed.body.expirationDateTime]).toEqual([200, inMinutes(120)]);
    expect((await api('PATCH', path, { expirationDateTime: inMinutes(20_000) })).status).toBe(400);
    expect((await api('PATCH', path, { notificationUrl: URL_OF_APP })).status).toBe(400);
    core.advance(120 * 60_000);
    const late = apiWith(core, core.userToken(CLAIRE));
    expect((await late('PATCH', path, { expirationDateTime: inMinutes(600) })).status).toBe(404);
    expect((await late('DELETE', path)).status).toBe(404);
  });

  test('is deleted once', async () => {
    const { api } = await stage();
    const { body } = await api('POST', 'subscriptions', subscription());
    expect((await api('DELETE', `subscriptions/${body.id}`)).status).toBe(204);
    expect((await api('DELETE', `subscriptions/${body.id}`)).status).toBe(404);
  });
});

describe('notifications', () => {
  test('carry ids and the secret, never content', async () => {
    const { app, core, api } = await stage();
    const { body } = await api('POST', 'subscriptions', subscription());
    const { event, items } = await told(core, api, app);
    expect(items).toEqual([{
      subscriptionId: body.id,
      subscriptionExpirationDateTime: inMinutes(10_080),
      clientState: 'secret',
      tenantId: expect.any(String),
      changeType: 'created',
      resource: expect.stringContaining(event.id),
      resourceData: {
        '@odata.type': '#Microsoft.Graph.Event',
        '@odata.id': expect.stringContaining(event.id),
        '@odata.etag': event['@odata.etag'],
        id: event.id,
      },
    }]);
    expect(JSON.stringify(items)).not.toContain('Consultation');
  });

  test('tell of what was asked for only, with the ids that the creation asked for', async () => {
    const { app, core, api } = await stage();
    await api('POST', 'subscriptions', subscription({ changeType: 'deleted' }), { prefer: '' });
    const { event, items } = await told(core, api, app);
    expect(items).toEqual([]);
    await api('DELETE', `me/events/${event.id}`);
    await core.session.subscriptions.settled();
    expect(app.items()).toEqual([expect.objectContaining({ changeType: 'deleted' })]);
    expect(app.items()[0].resourceData.id).not.toBe(event.id);
  });

  test('of /me/events tell of the default calendar only, unless switched', async () => {
    const { app, core, api } = await stage();
    const other = `me/calendars/${calendarId('cabinet')}/events`;
    await api('POST', 'subscriptions', subscription({ resource: '/me/events' }));
    expect((await told(core, api, app)).items).toHaveLength(1);
    expect((await told(core, api, app, other)).items).toEqual([]);
    core.configure({ meEventsCoversAll: true });
    await api('POST', 'subscriptions', subscription({ resource: `/users/${CLAIRE}/events`, changeType: 'created' }));
    expect((await told(core, api, app, other)).items).toHaveLength(1);
  });

  test('can be lost, doubled, or stop for good', async () => {
    const { app, core, api } = await stage();
    await api('POST', 'subscriptions', subscription());
    core.configure({ pushLoseEvery: 2 });
    const counts = async () => (await told(core, api, app)).items.length;
    expect([await counts(), await counts()]).toEqual([1, 0]);
    core.configure({ pushLoseEvery: 0, pushDoubleEvery: 1 });
    expect(await counts()).toBe(2);
    core.configure({ pushDoubleEvery: 0, pushDieAfter: 4 });
    expect([await counts(), await counts()]).toEqual([1, 0]);
    core.configure({ pushDieAfter: 0 });
    expect(await counts()).toBe(0);
    expect(core.state().deliveries.map(({ status }) => status)).toEqual([202, null, 202, 202, 202, null, null]);
    expect(core.state().subscriptions).toHaveLength(1);
  });

  test('can be late', async () => {
    const { app, core, api } = await stage();
    await api('POST', 'subscriptions', subscription());
    core.configure({ pushDelayMs: 30_000 });
    await api('POST', EVENTS, timed());
    core.advance(29_999);
    await core.session.subscriptions.settled();
    expect(app.items()).toEqual([]);
    core.advance(1);
    await core.session.subscriptions.settled();
    expect(app.items()).toHaveLength(1);
  });

  test('that failed are tried again for four hours', async () => {
    const { app, core, api } = await stage();
    await api('POST', 'subscriptions', subscription());
    app.fail(503);
    expect((await told(core, api, app)).items).toHaveLength(1);
    const afterwards = async (ms: number) => {
      core.advance(ms);
      await core.session.subscriptions.settled();
      return app.items().length;
    };
    expect([await afterwards(9_999), await afterwards(1), await afterwards(20_000)]).toEqual([1, 2, 3]);
    expect([await afterwards(4 * 3_600_000), await afterwards(8 * 3_600_000)]).toEqual([4, 4]);
    expect(core.state().deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  });

  test('also tell of the person’s own changes', async () => {
    const { app, core, api } = await stage();
    await api('POST', 'subscriptions', subscription());
    expect((await told(core, apiWith(core, core.userToken(CLAIRE)), app)).items).toHaveLength(1);
  });
});

describe('lifecycle', () => {
  test('goes to its own address, and a removal ends the subscription', async () => {
    const { app, core, api } = await stage();
    const lifecycleNotificationUrl = 'https://app.test/lifecycle';
    const { body } = await api('POST', 'subscriptions', subscription({ lifecycleNotificationUrl }));
    expect(app.handshakes.map(({ url }) => url.pathname)).toEqual(['/notifications', '/lifecycle']);
    for (const lifecycle of ['reauthorizationRequired', 'missed', 'subscriptionRemoved']) {
      expect(await control(core, 'subscriptions', { lifecycle })).toEqual({ ids: [body.id] });
    }
    await core.session.subscriptions.settled();
    expect(app.got.every(({ url }) => url.pathname === '/lifecycle')).toBe(true);
    expect(app.items().map((item) => [item.lifecycleEvent, item.clientState, item.changeType])).toEqual([
      ['reauthorizationRequired', 'secret', undefined],
      ['missed', 'secret', undefined],
      ['subscriptionRemoved', 'secret', undefined],
    ]);
    expect((await api('PATCH', `subscriptions/${body.id}`, { expirationDateTime: inMinutes(600) })).status).toBe(404);
  });

  test('is silent without such an address; and a subscription may end without a word', async () => {
    const { app, core, api } = await stage();
    const { body } = await api('POST', 'subscriptions', subscription());
    await control(core, 'subscriptions', { lifecycle: 'missed' });
    await control(core, 'subscriptions', { silence: true });
    expect((await told(core, api, app)).items).toEqual([]);
    await control(core, 'subscriptions', { id: body.id, remove: true });
    await core.session.subscriptions.settled();
    expect(app.got).toEqual([]);
    expect((await api('GET', `subscriptions/${body.id}`)).status).toBe(404);
  });

  test('is answered by a renewal, or by reauthorize, which does not extend', async () => {
    const { api } = await stage();
    const { body } = await api('POST', 'subscriptions', subscription({ expirationDateTime: inMinutes(60) }));
    expect((await api('POST', `subscriptions/${body.id}/reauthorize`)).status).toBe(204);
    expect((await api('GET', `subscriptions/${body.id}`)).body.expirationDateTime).toBe(inMinutes(60));
  });
});
