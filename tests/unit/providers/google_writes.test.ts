import { describe, expect, test } from 'vitest';
import { operationsIn, promisesOfBatches, results, TIMED } from './operations.ts';
import { html, json, refusal, refusalBody, scripted, type SentRequest } from './scripted_google.ts';

const { ref, create, patch, remove } = operationsIn('claire@gmail.test', {
  ...TIMED,
  description: '',
  location: '',
  visibility: 'normal',
});

const event = (id: string, more: Record<string, unknown> = {}) => ({
  kind: 'calendar#event',
  id,
  etag: '"1"',
  status: 'confirmed',
  start: { dateTime: '2026-11-21T09:00:00+01:00', timeZone: 'Europe/Paris' },
  end: { dateTime: '2026-11-21T09:30:00+01:00', timeZone: 'Europe/Paris' },
  ...more,
});

/** Answers a batch in reverse order; a part that is null is left out. */
function batchAnswer(parts: ReadonlyArray<readonly [status: number, body?: unknown] | null>) {
  return (request: SentRequest) => {
    const ids = [...request.body.matchAll(/Content-ID: <([^>]+)>/g)].map((match) => match[1]);
    const blocks = parts.map((part, at) =>
      part === null
        ? ''
        : `--b\r\nContent-Type: application/http\r\nContent-ID: <response-${ids[at]}>\r\n\r\nHTTP/1.1 ${
          part[0]
        } X\r\n\r\n${part[1] === null ? '' : JSON.stringify(part[1])}\r\n`
    ).reverse();
    return new Response(`${blocks.join('')}--b--\r\n`, { headers: { 'content-type': 'multipart/mixed; boundary=b' } });
  };
}

describe('one operation is one request', () => {
  test('for an insert', async () => {
    const { provider, handle, sent } = scripted(json(200, event('a')));
    const outcome = (await provider.calendar.write(handle, [create('a')])).get('k-a');
    expect(outcome).toMatchObject({ result: 'created', event: { version: '"1"', ref: ref('a') } });
    expect(sent[0]?.method).toBe('POST');
    expect(String(sent[0]?.url)).toBe(
      'http://google.test/calendar/v3/calendars/claire%40gmail.test/events?sendUpdates=none',
    );
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer token-1');
  });

  test('for a patch, on the version that was read', async () => {
    const { provider, handle, sent } = scripted(json(200, event('a')), json(200, event('a')));
    expect(results(await provider.calendar.write(handle, [patch('a', '"1"')]))).toEqual({ 'k-a': 'patched' });
    await provider.calendar.write(handle, [patch('a')]);
    expect(sent.map(({ headers }) => headers.get('if-match'))).toEqual(['"1"', null]);
    expect(String(sent[0]?.url)).toMatch(/\/events\/a\?sendUpdates=none$/);
  });

  test('for a delete, and an event that is gone is no failure', async () => {
    const { provider, handle, sent } = scripted(json(204, null), refusal(410, 'deleted'), refusal(404, 'notFound'));
    for (const result of ['deleted', 'already_gone', 'already_gone']) {
      expect(results(await provider.calendar.write(handle, [remove('a', '"1"')]))).toEqual({ 'k-a': result });
    }
    expect(sent.every(({ url, headers }) => url.search === '?sendUpdates=none' && headers.get('if-match') === '"1"'))
      .toBe(true);
  });

  test('and its refusal is its outcome', async () => {
    for (
      const [response, code] of [
        [refusal(409, 'duplicate'), 'DUPLICATE_CREATE'],
        [refusal(404, 'notFound'), 'CALENDAR_NOT_FOUND'],
        [refusal(400, 'timeRangeEmpty'), 'INVALID_EVENT'],
        [refusal(403, 'rateLimitExceeded'), 'RATE_LIMITED'],
        [html(503), 'PROVIDER_UNAVAILABLE'],
        [html(404), 'UNEXPECTED_RESPONSE'],
        [json(200, { ok: true }), 'UNEXPECTED_RESPONSE'],
        [json(200, event('b')), 'UNEXPECTED_RESPONSE'],
      ] as const
    ) {
      const { provider, handle } = scripted(response);
      expect(results(await provider.calendar.write(handle, [create('a')]))).toEqual({ 'k-a': code });
    }
  });

  test('and a page instead of Google never makes an event look deleted', async () => {
    for (const operation of [patch('a'), remove('a')]) {
      const { provider, handle } = scripted(html(404));
      expect(results(await provider.calendar.write(handle, [operation]))).toEqual({ 'k-a': 'UNEXPECTED_RESPONSE' });
    }
  });
});

describe('a deleted event', () => {
  test('that Google lets us patch is no success', async () => {
    const { provider, handle } = scripted(json(200, event('a', { status: 'cancelled' })));
    expect(results(await provider.calendar.write(handle, [patch('a')]))).toEqual({ 'k-a': 'EVENT_NOT_FOUND' });
  });

  test('behind a bare forbidden is told from a real refusal by a read', async () => {
    for (
      const [found, patched, removed] of [
        [{ id: 'a', status: 'cancelled' }, 'EVENT_NOT_FOUND', 'already_gone'],
        [event('a'), 'PERMISSION_DENIED', 'PERMISSION_DENIED'],
      ]
    ) {
      const { provider, handle } = scripted(
        refusal(403, 'forbidden'),
        json(200, found),
        refusal(403, 'forbidden'),
        json(200, found),
      );
      expect(results(await provider.calendar.write(handle, [patch('a')]))).toEqual({ 'k-a': patched });
      expect(results(await provider.calendar.write(handle, [remove('a')]))).toEqual({ 'k-a': removed });
    }
  });

  test('is not looked for when the refusal has a reason, and a failed look changes nothing', async () => {
    const plain = scripted(refusal(403, 'requiredAccessLevel'));
    expect(results(await plain.provider.calendar.write(plain.handle, [patch('a')]))).toEqual({
      'k-a': 'CALENDAR_READ_ONLY',
    });
    const unlucky = scripted(refusal(403, 'forbidden'), html(503));
    expect(results(await unlucky.provider.calendar.write(unlucky.handle, [patch('a')]))).toEqual({
      'k-a': 'PERMISSION_DENIED',
    });
  });
});

describe('a refused access token', () => {
  test('is renewed once and the request repeated', async () => {
    const { provider, handle, sent, tokens } = scripted(refusal(401, 'authError'), json(200, event('a')));
    expect(results(await provider.calendar.write(handle, [create('a')]))).toEqual({ 'k-a': 'created' });
    expect(tokens.renewed).toBe(1);
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('that is refused again is no proof that the grant is dead', async () => {
    const { provider, handle, sent } = scripted(refusal(401, 'authError'), refusal(401, 'authError'));
    await expect(provider.calendar.write(handle, [create('a')])).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      providerCode: 'authError',
    });
    expect(sent).toHaveLength(2);
  });

  test('is not renewed for a 403', async () => {
    const { provider, handle, tokens } = scripted(refusal(403, 'rateLimitExceeded'));
    await provider.calendar.write(handle, [create('a')]);
    expect(tokens.renewed).toBe(0);
  });
});

describe('several operations are one batch', () => {
  test('with outcomes under their keys, whatever the order of the answer', async () => {
    const { provider, handle, sent } = scripted(batchAnswer([
      [200, event('a')],
      [412, refusalBody(412, 'conditionNotMet')],
      [204, null],
      [429, refusalBody(429, 'rateLimitExceeded')],
    ]));
    const outcomes = await provider.calendar.write(handle, [
      create('a'),
      patch('b', '"old"'),
      remove('c'),
      create('d'),
    ]);
    expect(results(outcomes)).toEqual({
      'k-a': 'created',
      'k-b': 'VERSION_CONFLICT',
      'k-c': 'deleted',
      'k-d': 'RATE_LIMITED',
    });
    expect(sent).toHaveLength(1);
    expect(String(sent[0]?.url)).toBe('http://google.test/batch/calendar/v3');
    const lines = sent[0]?.body.split('\r\n') ?? [];
    expect(lines.filter((line) => line.endsWith('HTTP/1.1'))).toEqual([
      'POST /calendar/v3/calendars/claire%40gmail.test/events?sendUpdates=none HTTP/1.1',
      'PATCH /calendar/v3/calendars/claire%40gmail.test/events/b?sendUpdates=none HTTP/1.1',
      'DELETE /calendar/v3/calendars/claire%40gmail.test/events/c?sendUpdates=none HTTP/1.1',
      'POST /calendar/v3/calendars/claire%40gmail.test/events?sendUpdates=none HTTP/1.1',
    ]);
    expect(lines.filter((line) => line.startsWith('If-Match'))).toEqual(['If-Match: "old"']);
  });

  promisesOfBatches({
    scripted,
    batchAnswer,
    create,
    created: (id) => [200, event(id)],
    refusedToken: [401, refusalBody(401, 'authError')],
    callsIn: ({ body }) => body.match(/^POST/gm)?.length ?? 0,
  });

  test.each([
    ['the envelope', [refusal(401, 'authError'), batchAnswer([[200, event('a')], [204, null]])]],
    [
      'every part',
      [
        batchAnswer([[401, refusalBody(401, 'authError')], [401, refusalBody(401, 'authError')]]),
        batchAnswer([[200, event('a')], [204, null]]),
      ],
    ],
  ])('that is repeated whole when the token is refused for %s', async (_, steps) => {
    const { provider, handle, tokens } = scripted(...steps);
    expect(results(await provider.calendar.write(handle, [create('a'), remove('b')]))).toEqual({
      'k-a': 'created',
      'k-b': 'deleted',
    });
    expect(tokens.renewed).toBe(1);
  });

  test.each([
    ['the connection breaks', [new TypeError('reset')], 'PROVIDER_UNAVAILABLE'],
    ['Google answers with a page', [html(502)], 'PROVIDER_UNAVAILABLE'],
    ['the envelope is limited', [refusal(403, 'userRateLimitExceeded')], 'RATE_LIMITED'],
    ['the answer is no batch', [json(200, {})], 'UNEXPECTED_RESPONSE'],
    ['the new token is refused too', [refusal(401, 'authError'), refusal(401, 'authError')], 'PROVIDER_UNAVAILABLE'],
    [
      'every part is refused again',
      [0, 1].map(() => batchAnswer([[401, refusalBody(401, 'authError')], [401, refusalBody(401, 'authError')]])),
      'PROVIDER_UNAVAILABLE',
    ],
  ])('that fails as a whole when %s', async (_, steps, code) => {
    const { provider, handle } = scripted(...steps);
    await expect(provider.calendar.write(handle, [create('a'), remove('b')])).rejects.toMatchObject({
      code,
      retryable: true,
    });
  });
});

test('more operations than a batch holds, or one key twice, never reach Google', async () => {
  const { provider, handle, sent } = scripted();
  const many = Array.from({ length: 51 }, (_, at) => create(`e${at}`));
  await expect(provider.calendar.write(handle, many)).rejects.toMatchObject({ code: 'SYNC_FAILED', retryable: false });
  await expect(provider.calendar.write(handle, [create('a'), patch('a')])).rejects.toMatchObject({
    code: 'SYNC_FAILED',
  });
  expect((await provider.calendar.write(handle, [])).size).toBe(0);
  expect(sent).toEqual([]);
});

test('a request that gets no answer in time is given up, and its address stays out of the error', async () => {
  const { provider, handle } = scripted(
    new DOMException('Signal timed out: http://google.test/calendars/claire@gmail.test', 'TimeoutError'),
  );
  const error = await provider.calendar.write(handle, [create('a')]).catch((fault) => fault);
  expect(error).toMatchObject({
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    message: 'Create an event: no answer in time',
  });
  expect(JSON.stringify([error.stack, error.context, error.cause ?? null])).not.toContain('gmail');
});
