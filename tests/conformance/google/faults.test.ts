import { describe, expect, test } from 'vitest';
import { ConnectionDropped } from '../../../emulators/core/misbehave.ts';
import { startGoogleEmulator } from '../../../emulators/google/server.ts';
import {
  apiWith,
  batch,
  connect,
  connectedApi,
  control,
  EVENTS,
  newEmulator,
  reasonOf,
  refresh,
  send,
  timed,
} from './visitor.ts';

describe('answers that fail', () => {
  test.each(
    [
      [{ status: 403, reason: 'rateLimitExceeded' }, 403, 'rateLimitExceeded'],
      [{ status: 403, reason: 'rateLimitExceeded', form: 'details' }, 403, 'RATE_LIMIT_EXCEEDED'],
      [{ status: 403, reason: 'quotaExceeded' }, 403, 'quotaExceeded'],
      [{ status: 403, reason: 'accessNotConfigured' }, 403, 'accessNotConfigured'],
      [{ status: 410, reason: 'fullSyncRequired' }, 410, 'fullSyncRequired'],
      [{ status: 500 }, 500, 'backendError'],
      [{ retryAfter: 17 }, 429, 'rateLimitExceeded'],
    ] as const,
  )('%j refuses before anything happens', async (action, status, reason) => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.addFault({ match: { method: 'events.insert' }, times: 1, action });
    const reply = await api('POST', EVENTS, timed({ id: 'abcde' }));
    expect([reply.status, reasonOf(reply)]).toEqual([status, reason]);
    if ('retryAfter' in action) expect(reply.headers.get('retry-after')).toBe('17');
    expect((await api('POST', EVENTS, timed({ id: 'abcde' }))).status).toBe(200);
  });

  test('a refusal can say whose quota it is', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const quotaLimit = 'defaultPerMinutePerProject';
    core.addFault({ action: { status: 429, reason: 'rateLimitExceeded', form: 'details', quotaLimit } });
    const reply = await api('GET', EVENTS);
    expect(reply.body.error.details[0].metadata).toMatchObject({ quota_limit: quotaLimit });
  });

  test('an HTML page can stand for a 502', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.addFault({ action: { html5xx: 502 } });
    const reply = await api('GET', EVENTS);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
  });

  test('broken JSON can come with 200', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.addFault({ action: { malformed: true } });
    const reply = await api('GET', EVENTS);
    expect([reply.status, reply.body, reply.headers.get('content-type')]).toEqual([200, null, 'application/json']);
  });

  test('an empty page can pretend that there is more', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    core.addFault({ match: { method: 'events.list' }, nth: 1, action: { emptyPage: true } });
    const first = (await api('GET', EVENTS)).body;
    expect(first.items).toEqual([]);
    expect((await api('GET', `${EVENTS}?pageToken=${first.nextPageToken}`)).body.items).toHaveLength(1);
  });
});

describe('lost answers', () => {
  test.each([['drop', null], [503, 503]] as const)(
    'the event exists although its answer was lost (%s)',
    async (loseAnswer, status) => {
      const core = newEmulator();
      const api = await connectedApi(core);
      core.addFault({ match: { method: 'events.insert' }, nth: 1, action: { loseAnswer } });
      const answer = api('POST', EVENTS, timed({ id: 'abcde' }));
      if (status === null) await expect(answer).rejects.toThrow(ConnectionDropped);
      else expect((await answer).status).toBe(status);
      expect((await api('POST', EVENTS, timed({ id: 'abcde' }))).status).toBe(409);
    },
  );

  test('a caller that gives up finds its event made, or not, as the rule says', async () => {
    const core = newEmulator();
    const { token } = await connectedApi(core);
    for (
      const [id, action, made] of [['abcde', { loseAnswer: 'timeout' }, true], [
        'fghij',
        { timeout: true },
        false,
      ]] as const
    ) {
      core.addFault({ match: { event: id }, action });
      const patience = new AbortController();
      const asked = send(core, `/calendar/v3/${EVENTS}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(timed({ id })),
        signal: patience.signal,
      });
      // The fault has fired once the emulator counts it; only then does the caller lose patience.
      const gaveUp = expect(asked).rejects.toThrow();
      await expect.poll(() => core.state().faults.find((fault) => fault.rule.match?.event === id)?.fired).toBe(1);
      patience.abort();
      await gaveUp;
      expect(core.state().events.some((event) => event.id === id)).toBe(made);
    }
  });

  test('over a socket a dropped connection is an error, never a complete answer', async () => {
    const server = startGoogleEmulator({ port: 0, clientId: 'c', clientSecret: 's', redirectUris: [] });
    try {
      const token = server.core.userToken('claire@gmail.test');
      const headers = { authorization: `Bearer ${token}` };
      const address = `${server.url}/calendar/v3/${EVENTS}`;
      expect((await (await fetch(address, { headers })).json()).kind).toBe('calendar#events');
      server.core.addFault({ match: { actor: 'any' }, action: { drop: true } });
      const answer = await fetch(address, { headers });
      expect(answer.ok).toBe(false);
      await expect(answer.text()).rejects.toThrow();
    } finally {
      await server.stop();
    }
  });
});

describe('parts of a batch', () => {
  const insert = (id: string) => ({ id, verb: 'POST', path: EVENTS, body: timed({ id }) });

  test('fail one by one, as 409 conflict or otherwise, while calls outside do not', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.addFault({
      match: { method: 'events.insert' },
      every: 2,
      nth: 2,
      action: { partStatus: 409, reason: 'conflict' },
    });
    const parts = await batch(core, api.token, ['abcde', 'fghij', 'klmno', 'pqrst'].map(insert));
    expect(parts.map((part) => part.status)).toEqual([200, 409, 200, 409]);
    for (const id of ['aaaaa', 'bbbbb']) expect((await api('POST', EVENTS, timed({ id }))).status).toBe(200);
  });

  test('may have been done although they say 503', async () => {
    const core = newEmulator();
    const { token } = await connectedApi(core);
    core.addFault({ match: { inBatch: true }, nth: 1, action: { loseAnswer: 'drop' } });
    const parts = await batch(core, token, ['abcde', 'fghij'].map(insert));
    expect(parts.map((part) => part.status)).toEqual([503, 200]);
    expect(core.state().events).toHaveLength(2);
  });

  test('may all have been done although the whole answer is lost', async () => {
    const core = newEmulator();
    const { token } = await connectedApi(core);
    core.addFault({ match: { method: 'batch' }, action: { loseAnswer: 'drop' } });
    await expect(batch(core, token, ['abcde', 'fghij'].map(insert))).rejects.toThrow(ConnectionDropped);
    expect(core.state().events).toHaveLength(2);
  });
});

describe('things that happen to account, calendar and event', () => {
  test('a revoked grant: 401, and the refresh token is dead', async () => {
    const core = newEmulator();
    const tokens = await connect(core);
    core.addFault({ nth: 1, action: { revokeGrant: true } });
    expect((await apiWith(core, tokens.access_token)('GET', EVENTS)).status).toBe(401);
    expect((await refresh(core, tokens.refresh_token ?? '')).body.error).toBe('invalid_grant');
  });

  test('expired access tokens: 401 until refreshed', async () => {
    const core = newEmulator();
    const tokens = await connect(core);
    core.addFault({ nth: 1, action: { expireAccessTokens: true } });
    expect((await apiWith(core, tokens.access_token)('GET', EVENTS)).status).toBe(401);
    const next = (await refresh(core, tokens.refresh_token ?? '')).body;
    expect((await apiWith(core, next.access_token)('GET', EVENTS)).status).toBe(200);
  });

  test('a calendar deleted or made read-only under our feet', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const second = 'calendars/claire-cabinet%40group.calendar.google.com/events';
    core.addFault({ match: { calendar: 'claire@gmail.test' }, nth: 1, action: { calendarReadOnly: true } });
    core.addFault({
      match: { calendar: 'claire-cabinet@group.calendar.google.com' },
      nth: 1,
      action: { calendarDeleted: true },
    });
    expect(reasonOf(await api('POST', EVENTS, timed()))).toBe('requiredAccessLevel');
    expect(reasonOf(await api('POST', second, timed()))).toBe('notFound');
  });

  test('the user edits or deletes the event just before our write', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const { etag } = (await api('POST', EVENTS, timed({ id: 'abcde' }))).body;
    core.addFault({ match: { method: 'events.patch' }, nth: 1, action: { editFirst: { location: 'Chez elle' } } });
    const stale = await api('PATCH', `${EVENTS}/abcde`, { summary: 'x' }, { 'if-match': etag });
    expect(stale.status).toBe(412);
    expect((await api('GET', `${EVENTS}/abcde`)).body.location).toBe('Chez elle');
    core.addFault({ match: { method: 'events.delete' }, nth: 1, action: { deleteFirst: true } });
    expect((await api('DELETE', `${EVENTS}/abcde`)).status).toBe(410);
  });

  test('sync tokens that end', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const token = encodeURIComponent((await api('GET', EVENTS)).body.nextSyncToken);
    core.addFault({ match: { pathRegex: 'syncToken=' }, nth: 1, action: { expireSyncTokens: true } });
    expect((await api('GET', `${EVENTS}?syncToken=${token}`)).status).toBe(410);
  });
});

describe('rules', () => {
  test('hit the nth, then every so many, so many times', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.addFault({ match: { method: 'GET' }, nth: 2, every: 3, times: 2, action: { status: 500 } });
    const seen = [];
    for (let call = 0; call < 10; call++) seen.push((await api('GET', EVENTS)).status);
    expect(seen).toEqual([200, 500, 200, 200, 500, 200, 200, 200, 200, 200]);
  });

  test('with a probability hit the same requests for the same seed', async () => {
    const run = async (seed: number) => {
      const core = newEmulator();
      const api = await connectedApi(core);
      core.addFault({ match: { method: 'events.*' }, probability: 0.3, seed, action: { status: 503 } });
      const seen = [];
      for (let call = 0; call < 60; call++) seen.push((await api('GET', EVENTS)).status);
      return seen;
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    expect(first.filter((status) => status === 503).length).toBeGreaterThan(5);
  });

  test('are set, listed and cleared over HTTP, and a misspelt one is an error', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const { ids } = await control(core, 'faults', {
      rules: [{ id: 'a', action: { status: 500 } }, { action: { delayMs: 0 } }],
    });
    expect(ids).toEqual(['a', 'fault-1']);
    expect((await api('GET', EVENTS)).status).toBe(500);
    expect((await control(core, 'faults')).faults[0]).toMatchObject({ id: 'a', matched: 1, fired: 1 });
    await send(core, '/__emulator/faults?id=a', { method: 'DELETE' });
    expect((await api('GET', EVENTS)).status).toBe(200);
    await expect(control(core, 'faults', { action: { statusCode: 500 } })).rejects.toThrow(
      'the action has no statusCode',
    );
    await expect(control(core, 'settings', { patchUnit: 3 })).rejects.toThrow('there is no patchUnit');
  });

  test('spare the person at Google’s own calendar unless they say otherwise', async () => {
    const core = newEmulator();
    const { access_token } = await control(core, 'token', { email: 'claire@gmail.test' });
    core.addFault({ action: { status: 500 } });
    expect((await apiWith(core, access_token)('GET', EVENTS)).status).toBe(200);
    core.addFault({ match: { actor: 'user' }, action: { status: 500 } });
    expect((await apiWith(core, access_token)('GET', EVENTS)).status).toBe(500);
  });

  test('and everything else are gone after a reset', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', EVENTS, timed());
    await control(core, 'clock', { advanceMs: 1000 });
    core.addFault({ action: { status: 500 } });
    await control(core, 'reset', {});
    expect(await control(core, 'state')).toMatchObject({
      events: [],
      faults: [],
      calls: [],
      now: '2026-11-21T08:00:00.000Z',
    });
    expect((await api('GET', EVENTS)).status).toBe(401);
  });

  test('the clock can be set and moved', async () => {
    const core = newEmulator();
    expect(await control(core, 'clock', { now: '2027-01-01T00:00:00Z' })).toEqual({ now: '2027-01-01T00:00:00.000Z' });
    expect(await control(core, 'clock', { advanceMs: 1500 })).toEqual({ now: '2027-01-01T00:00:01.500Z' });
  });
});
