/** What a stranger, or a member with ill intent, may send: it is refused or means nothing, and never breaks a function. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutboundWorld } from './outbound_world.ts';
import { comeBack } from './person.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

const notice = (fields: Record<string, unknown>) =>
  JSON.stringify({ value: [{ subscriptionId: 's', changeType: 'updated', clientState: 'channel:secret', ...fields }] });

type Sent = RequestInit & { query?: string; path?: string };

const HOSTILE: ReadonlyArray<readonly [string, Sent]> = [
  ['nothing', {}],
  ['no JSON', { body: '{"value":' }],
  ['JSON of another kind', { body: 'null' }],
  ['a list', { body: '[]' }],
  ['wrong types', { body: '{"value":{"length":1}}' }],
  ['items of wrong types', { body: '{"value":[null,1,"x",[],{},{"changeType":{}}]}' }],
  ['names of the prototype', { body: '{"__proto__":{"value":[]},"constructor":1,"value":[{"__proto__":1}]}' }],
  ['NUL in the subscription', { body: notice({ subscriptionId: 'a\0b' }) }],
  ['NUL in the channel', { body: notice({ clientState: 'a\0b:secret' }) }],
  ['NUL in the secret', { body: notice({ clientState: 'channel:a\0b' }) }],
  ['half a character in the channel', { body: notice({ clientState: '\ud800:secret' }) }],
  ['half a character in the subscription', { body: notice({ subscriptionId: '\udfff' }) }],
  ['deep nesting', { body: '['.repeat(30_000) + ']'.repeat(30_000) }],
  ['deep nesting inside', { body: `{"value":[${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}]}` }],
  ['many notices', {
    body: JSON.stringify({
      value: Array(600).fill({ subscriptionId: 's', changeType: 'updated', clientState: 'a:b' }),
    }),
  }],
  ['too much', { body: `{"value":"${'x'.repeat(70_000)}"}` }],
  ['no UTF-8', { body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) }],
  ['another content type', { body: notice({}), headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
  ['a content type that is none', { body: notice({}), headers: { 'content-type': ';;;/\u00ff' } }],
  ['a coding that it has not', { body: notice({}), headers: { 'content-encoding': 'gzip' } }],
  ['headers that are no words', {
    headers: {
      'x-goog-channel-id': '\u00e9\u00ff',
      'x-goog-resource-state': 'exists',
      'x-goog-channel-token': '\u00ff',
      'x-goog-resource-id': '',
    },
  }],
  ['endless headers', {
    headers: { 'x-goog-channel-id': 'c'.repeat(6000), 'x-goog-resource-state': 'exists', 'x-goog-channel-token': 't' },
  }],
  ['languages that are none', { headers: { 'accept-language': 'en;q=NaN,,;q=,*;q=-1' } }],
  ['a token that is no person', { headers: { authorization: 'Bearer \u00ff.\u00ff.\u00ff' } }],
  ['NUL to repeat', { query: '?validationToken=%00%0D%0Ax%3A%20y' }],
  ['half a character to repeat', { query: '?validationToken=%ED%A0%80' }],
  ['markup to repeat', { query: '?validationToken=%3Cscript%3Ealert(1)%3C%2Fscript%3E' }],
  ['too much to repeat', { query: `?validationToken=${'v'.repeat(6000)}` }],
  ['a query that is none', { query: '?%&%ff=%zz&=' }],
  ['another method', { method: 'PUT', body: '{}' }],
  ['a look', { method: 'GET' }],
  ['an address with NUL', { path: '/notifications%00' }],
  ['an address with half a character', { path: '/notifications/%ED%A0%80' }],
];

const UNSTORABLE = [['NUL', '\0'], ['half a character', '\ud800']] as const;

describe.each(STAGES)('%s', (name, stage) => {
  world.at(stage);
  const notify = async ({ query = '', path = '/notifications', ...init }: Sent) => {
    const address = `${world.stack.apiUrl}/functions/v1/${name}-import${path}${query}`;
    const answer = await fetch(address, { method: 'POST', ...init });
    await answer.body?.cancel();
    return answer;
  };

  test.each(HOSTILE)('a notification with %s is answered, and never by a failure', async (_name, sent) => {
    const answer = await notify(sent);
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('a notification with anything at all is answered, and never by a failure', async () => {
    const odd = fc.constantFrom('a:b', 'a\0:b', 'a:\0', '\ud800:b', 's\0', '');
    const anything = fc.oneof(odd, fc.string({ unit: 'binary' }), fc.jsonValue());
    const item = fc.record({
      subscriptionId: anything,
      clientState: fc.oneof({ weight: 3, arbitrary: odd }, { weight: 1, arbitrary: anything }),
      changeType: fc.oneof({ weight: 3, arbitrary: fc.constant('updated') }, { weight: 1, arbitrary: anything }),
      lifecycleEvent: fc.oneof(fc.constant('missed'), anything),
    }, { requiredKeys: [] });
    const body = fc.oneof(
      fc.array(item, { maxLength: 3 }).map((value) => JSON.stringify({ value })),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        expect((await notify({ body: sent })).status).toBeLessThan(500);
      }),
      { numRuns: 150, seed: 20261128 },
    );
  });

  test.each(UNSTORABLE)('a member who sends %s is refused', async (_name, bad) => {
    await world.claire.connect(stage.claire.email);
    const encoded = encodeURIComponent(bad === '\0' ? bad : '\ufffd');
    const window = { timeMin: '2026-11-28T00:00:00Z', timeMax: '2026-12-28T00:00:00Z' };
    const calendarId = stage.claire.calendar;
    const sent: Array<[string, string, unknown]> = [
      ['POST', 'connect/connect', { redirectTo: `/calendar?${bad}` }],
      ['POST', 'connect/confirm', { flow: bad }],
      ['PATCH', 'connect/settings', { calendar_target_id: bad }],
      ['PATCH', 'connect/settings', { calendar_source_id: `a${bad}` }],
      ['PATCH', 'connect/settings', { [bad]: true }],
      ['POST', 'connect/disconnect', { removeEvents: bad }],
      ['POST', 'sync/sync-now', { from: bad }],
      ['POST', 'sync/retry', { rdvIds: [bad] }],
      ['POST', 'import/import', { calendarId: bad, ...window, mode: 'preview' }],
      ['POST', 'import/import', { calendarId, ...window, mode: 'import', fingerprint: `a${bad}` }],
    ];
    for (const [method, path, body] of sent) {
      const answer = await world.claire.use(path, { method, body });
      expect(answer, `${path} ${JSON.stringify(body)}`).toMatchObject({
        status: 400,
        body: { error: 'INVALID_REQUEST' },
      });
    }
    const resolved = await world.claire.use(`import/conflicts/${encoded}/resolve`, { body: { action: 'ignore' } });
    expect(resolved.status).toBe(404);
    const page = `import/events?calendarId=${
      encodeURIComponent(calendarId)
    }&timeMin=${window.timeMin}&timeMax=${window.timeMax}`;
    expect((await world.claire.use(`${page}&pageToken=a${encoded}`)).status).toBeLessThan(500);
    const elsewhere = await world.claire.use('connect/status', { headers: { 'x-organisation-id': '\u00ff' } });
    expect(elsewhere).toMatchObject({ status: 403, body: { error: 'FORBIDDEN' } });
  });

  test('a consent that comes back with what cannot be kept ends on our page, and connects nothing', async () => {
    const bad = ['%00', 'a%00b', '%ED%A0%80'];
    for (const [at, value] of bad.entries()) {
      const { callback } = await world.claire.consent(stage.claire.email, {
        origin: new URL(world.stack.apiUrl).origin,
      });
      const address = new URL(callback);
      const query = [...address.searchParams].filter(([key]) => key !== 'code').map(([key, text]) =>
        `${key}=${encodeURIComponent(text)}`
      );
      address.search = `${query.join('&')}&code=${value}`;
      const { status, result } = await comeBack(address);
      expect(status).toBe(303);
      if (at < 2) expect(result).toEqual({ result: 'error', code: 'OAUTH_STATE_INVALID' });
      for (const field of ['state', 'error', 'code']) {
        const { origin, pathname } = address;
        const answer = await comeBack(new URL(`${origin}${pathname}?${field}=${value}`));
        expect(answer).toMatchObject({ status: 303, result: { result: 'error', code: 'OAUTH_STATE_INVALID' } });
      }
    }
    expect((await world.statusOf(world.claire)).connected).toBe(false);
  });
});
