import { describe, expect, test } from 'vitest';
import { parseNotification } from '../../../supabase/functions/_shared/providers/microsoft/notification.ts';
import { GRAPH, html, json, refusal, scripted, told } from './scripted_microsoft.ts';

const ADDRESS = 'https://cassius.test/functions/v1/microsoft-import/notifications';
const request = {
  calendarId: 'AAMkCal=',
  channelId: 'channel-1',
  address: ADDRESS,
  secret: 'secret:of one',
  lifetimeSeconds: 3600,
};
const watch = { channelId: 'channel-1', resourceId: 'sub/1', expiresAt: '2026-11-21T09:00:00.000Z' };
const subscription = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  expirationDateTime: '2026-11-21T09:00:00Z',
  resource: '/me/calendars/AAMkCal=/events',
  notificationUrl: ADDRESS,
  clientState: null,
  ...more,
});

describe('a watch', () => {
  test('is a subscription to one calendar, with its life’s events, our name and the secret', async () => {
    const { provider, handle, sent } = scripted(json(201, subscription('sub-1')));
    expect(await provider.notices!.startWatch(handle, request)).toEqual({
      channelId: 'channel-1',
      resourceId: 'sub-1',
      expiresAt: '2026-11-21T09:00:00.000Z',
    });
    expect(told(sent)).toEqual(['POST /subscriptions']);
    expect(sent[0]?.headers.get('prefer')).toContain('IdType="ImmutableId"');
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      changeType: 'created,updated,deleted',
      notificationUrl: ADDRESS,
      lifecycleNotificationUrl: ADDRESS,
      resource: '/me/calendars/AAMkCal=/events',
      clientState: 'channel-1:secret:of one',
      expirationDateTime: '2026-11-21T09:00:00.000Z',
    });
  });

  test('never asks for more than Graph grants, and tells what was granted', async () => {
    const granted = '2026-11-24T06:30:00.0000000Z';
    const { provider, handle, sent } = scripted(json(201, subscription('sub-1', { expirationDateTime: granted })));
    const { expiresAt } = await provider.notices!.startWatch(handle, { ...request, lifetimeSeconds: 90 * 86_400 });
    expect(expiresAt).toBe('2026-11-24T06:30:00.000Z');
    expect(JSON.parse(sent[0]?.body ?? '').expirationDateTime).toBe('2026-11-28T07:00:00.000Z');
  });

  test('replaces the one that is there for the same calendar and address, and no other', async () => {
    const { provider, handle, sent } = scripted(
      refusal(409, 'Conflict'),
      json(200, {
        value: [
          subscription('twin', { resource: 'me/calendars/AAMkCal=/events' }),
          subscription('other-calendar', { resource: '/me/calendars/AAMkOther%3D/events' }),
          subscription('other-case', { resource: '/me/calendars/AAMkcal%3D/events' }),
          subscription('other-address', { notificationUrl: 'https://another.test/' }),
          subscription('nothing', { resource: null }),
        ],
      }),
      json(204, null),
      json(201, subscription('sub-2')),
    );
    expect(await provider.notices!.startWatch(handle, request)).toMatchObject({ resourceId: 'sub-2' });
    expect(told(sent)).toEqual([
      'POST /subscriptions',
      'GET /subscriptions',
      'DELETE /subscriptions/twin',
      'POST /subscriptions',
    ]);
  });

  test.each([
    ['in somebody else’s calendar', [refusal(403, 'ExtensionError')], 'PUSH_UNSUPPORTED', false],
    ['in a calendar that is gone', [refusal(404, 'ErrorItemNotFound')], 'CALENDAR_NOT_FOUND', false],
    ['while our address does not answer', [refusal(400, 'ValidationError')], 'PROVIDER_UNAVAILABLE', true],
    ['while our address is too slow', [refusal(400, 'InvalidRequest')], 'PROVIDER_UNAVAILABLE', true],
    ['under a limit', [refusal(429, 'TooManyRequests')], 'RATE_LIMITED', true],
    ['with an answer that is none', [json(201, { id: 'x' })], 'UNEXPECTED_RESPONSE', true],
    [
      'with a date that is none',
      [json(201, subscription('x', { expirationDateTime: 'soon' }))],
      'UNEXPECTED_RESPONSE',
      true,
    ],
    [
      'beside a twin that stays',
      [refusal(409, 'Conflict'), json(200, { value: [] }), refusal(409, 'Conflict')],
      'VERSION_CONFLICT',
      true,
    ],
  ])('fails %s by its own code', async (_, steps, code, retryable) => {
    const { provider, handle } = scripted(...steps);
    await expect(provider.notices!.startWatch(handle, request)).rejects.toMatchObject({ code, retryable });
  });

  test('with more to say than comes back is refused before it is asked for', async () => {
    const { provider, handle, sent } = scripted();
    await expect(provider.notices!.startWatch(handle, { ...request, secret: 's'.repeat(128) })).rejects.toMatchObject({
      code: 'SYNC_FAILED',
    });
    expect(sent).toHaveLength(0);
  });

  test('is renewed by its end alone, and made anew where it is gone', async () => {
    const { provider, handle, sent } = scripted(
      json(200, subscription('sub/1', { expirationDateTime: '2026-11-21T10:00:00Z' })),
      refusal(404, 'ResourceNotFound'),
      html(404),
      html(503),
    );
    expect(await provider.notices!.renewWatch!(handle, watch, 7200)).toEqual({
      ...watch,
      expiresAt: '2026-11-21T10:00:00.000Z',
    });
    expect(told(sent)).toEqual(['PATCH /subscriptions/sub%2F1']);
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ expirationDateTime: '2026-11-21T10:00:00.000Z' });
    expect(await provider.notices!.renewWatch!(handle, watch, 7200)).toBe('recreate');
    await expect(provider.notices!.renewWatch!(handle, watch, 7200)).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
    await expect(provider.notices!.renewWatch!(handle, watch, 7200)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
    });
  });

  test('is stopped whether it is still there or not, and a failure is told', async () => {
    const { provider, handle, sent } = scripted(json(204, null), refusal(404, 'ResourceNotFound'), html(503));
    await provider.notices!.stopWatch(handle, watch);
    await provider.notices!.stopWatch(handle, watch);
    expect(told(sent)[0]).toBe('DELETE /subscriptions/sub%2F1');
    await expect(provider.notices!.stopWatch(handle, watch)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});

describe('a notification', () => {
  const parse = (body: unknown, address = ADDRESS, method = 'POST') =>
    parseNotification({
      method,
      url: new URL(address),
      headers: new Headers(),
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const item = (more: Record<string, unknown> = {}) => ({
    id: 'n',
    subscriptionId: 'sub-1',
    subscriptionExpirationDateTime: '2026-11-21T09:00:00Z',
    clientState: 'channel-1:secret:of one',
    changeType: 'updated',
    resource: 'Users/u/Events/e',
    tenantId: 't',
    resourceData: { '@odata.type': '#Microsoft.Graph.Event', id: 'e' },
    ...more,
  });
  const notice = (meaning: string) => ({
    channelId: 'channel-1',
    resourceId: 'sub-1',
    secret: 'secret:of one',
    meaning,
  });

  test.each([
    ['Validation%3a+Testing+client+%26+%3cb%3e', 'Validation: Testing client & <b>'],
    ['plain', 'plain'],
    ['%C3%A9t%C3%A9%20%2B', 'été +'],
  ])('that tests our address has its token back, decoded: %s', (token, reply) => {
    expect(parse('', `${ADDRESS}?validationToken=${token}`)).toEqual({ kind: 'handshake', reply });
    expect(parse('', `${ADDRESS}?a=b&validationToken=${token}`)).toEqual({ kind: 'handshake', reply });
  });

  test('with a token that is none is ignored', () => {
    for (const token of ['', 'x'.repeat(5000)]) {
      expect(parse('', `${ADDRESS}?validationToken=${token}`)).toEqual({ kind: 'ignore' });
    }
    expect(parse('', `${ADDRESS}?validationToken=x`, 'GET')).toEqual({ kind: 'ignore' });
  });

  test('can tell of several watches', () => {
    expect(parse({ value: [item(), item({ subscriptionId: 'sub-2', clientState: 'channel-2:other' })] })).toEqual({
      kind: 'notices',
      notices: [
        notice('changed'),
        { channelId: 'channel-2', resourceId: 'sub-2', secret: 'other', meaning: 'changed' },
      ],
    });
  });

  test.each([
    ['reauthorizationRequired', 'renew'],
    ['subscriptionRemoved', 'recreate'],
    ['missed', 'resync'],
  ])('of the watch’s own life is understood: %s', (lifecycleEvent, meaning) => {
    const { changeType: _, ...rest } = item({ lifecycleEvent });
    expect(parse({ value: [rest] })).toEqual({ kind: 'notices', notices: [notice(meaning)] });
  });

  test('loses what cannot be understood and keeps the rest', () => {
    const unknown = { ...item({ lifecycleEvent: 'ofNextYear' }), changeType: null };
    const value = [null, 7, unknown, { subscriptionId: 'x' }, item({ subscriptionId: 7 }), item()];
    expect(parse({ value })).toEqual({ kind: 'notices', notices: [notice('changed')] });
  });

  test.each([[null], [undefined], ['no colon'], [':'], ['channel:'], [':secret']])(
    'with a state that is not ours carries no secret: %s',
    (clientState) => {
      expect(parse({ value: [item({ clientState })] })).toEqual({
        kind: 'notices',
        notices: [{ channelId: null, resourceId: 'sub-1', secret: null, meaning: 'changed' }],
      });
    },
  );

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another shape', { value: { subscriptionId: 'x' } }],
    ['an empty list', { value: [] }],
    ['a flood', { value: Array.from({ length: 1001 }, () => item()) }],
    ['an own toString', { value: [{ toString: 'x', __proto__: null }] }],
  ])('of %s is ignored', (_, body) => {
    expect(parse(body)).toEqual({ kind: 'ignore' });
  });

  test('that was sent in another way is ignored', () => {
    expect(parse({ value: [item()] }, ADDRESS, 'PUT')).toEqual({ kind: 'ignore' });
  });
});

test('a subscription’s links are Graph’s own', async () => {
  const { provider, handle } = scripted(
    refusal(409, 'Conflict'),
    json(200, { value: [], '@odata.nextLink': `${GRAPH}/subscriptions?$skiptoken=x` }),
    json(200, { value: [subscription('twin')] }),
    json(204, null),
    json(201, subscription('sub-2')),
  );
  expect(await provider.notices!.startWatch(handle, request)).toMatchObject({ resourceId: 'sub-2' });
});
