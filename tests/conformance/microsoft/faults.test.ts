import { describe, expect, test } from 'vitest';
import { ConnectionDropped } from '../../../emulators/core/misbehave.ts';
import type { FaultAction } from '../../../emulators/microsoft/fault_actions.ts';
import {
  apiWith,
  calendarId,
  CLAIRE,
  codeOf,
  connect,
  connectedApi,
  control,
  DELTA,
  EVENTS,
  newEmulator,
  refresh,
  round,
  send,
  timed,
} from './visitor.ts';

async function stage(action?: FaultAction, method = 'events.insert') {
  const core = newEmulator();
  const api = await connectedApi(core);
  if (action) core.addFault({ match: { method }, nth: 1, action });
  return { core, api };
}

describe('a rule', () => {
  test.each<[FaultAction, number, string]>([
    [{ status: 412 }, 412, 'ErrorIrresolvableConflict'],
    [{ status: 409 }, 409, 'ErrorIrresolvableConflict'],
    [{ status: 403, reason: 'insufficient_claims' }, 403, 'insufficient_claims'],
    [{ status: 503 }, 503, 'serviceNotAvailable'],
    [{ status: 504 }, 504, 'UnknownError'],
    [{ retryAfter: 2.5 }, 429, 'ApplicationThrottled'],
    [{ status: 507 }, 507, ''],
  ])('%j refuses once, with its usual code', async (action, status, code) => {
    const { core, api } = await stage(action);
    const reply = await api('POST', EVENTS, timed());
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    expect(reply.body.error.innerError).toHaveProperty('request-id');
    if (action.retryAfter) expect(reply.headers.get('retry-after')).toBe('2.5');
    expect(core.state().events).toEqual([]);
    expect((await api('POST', EVENTS, timed())).status).toBe(201);
  });

  test('can lose the answer to what was done', async () => {
    const { core, api } = await stage({ loseAnswer: 'drop' });
    await expect(api('POST', EVENTS, timed({ transactionId: 'T1' }))).rejects.toThrow(ConnectionDropped);
    expect(core.state().events).toHaveLength(1);
    expect((await api('POST', EVENTS, timed({ transactionId: 'T1' }))).status).toBe(201);
    expect(core.state().events).toHaveLength(1);
  });

  test('can break an answer, or send a page instead', async () => {
    const broken = await (await stage({ malformed: true })).api('POST', EVENTS, timed());
    expect([broken.status, broken.body]).toEqual([200, null]);
    const page = await (await stage({ html5xx: 502 })).api('POST', EVENTS, timed());
    expect([page.status, page.text]).toEqual([502, expect.stringContaining('<html>')]);
  });

  test('can make a list empty that goes on', async () => {
    const { core, api } = await stage({ emptyPage: true }, 'calendars.list');
    const first = (await api('GET', 'me/calendars')).body;
    expect(first.value).toEqual([]);
    expect((await api('GET', first['@odata.nextLink'])).body.value).toHaveLength(3);
    await api('POST', EVENTS, timed());
    core.addFault({ match: { method: 'events.delta' }, nth: 1, action: { emptyPage: true } });
    expect((await round(api, DELTA)).items).toHaveLength(1);
  });

  test('can end a list early, in all honesty', async () => {
    const { core, api } = await stage({ cutList: 1 }, 'calendars.list');
    const { body } = await api('GET', 'me/calendars');
    expect([body.value.length, '@odata.nextLink' in body]).toEqual([1, false]);
    await api('POST', EVENTS, timed());
    core.addFault({ match: { method: 'events.delta' }, nth: 1, action: { cutList: 0 } });
    const { items, deltaLink } = await round(api, DELTA);
    expect([items, (await round(api, deltaLink)).items]).toEqual([[], []]);
  });

  test('finds its event by either id, its transactionId, or its calendar', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ transactionId: 'T1' }));
    const plain = (await api('GET', `me/events/${body.id}`, undefined, { prefer: '' })).body.id;
    for (const match of [{ event: body.id }, { event: plain }, { event: 'T1' }, { calendar: calendarId('Calendar') }]) {
      core.clearFaults();
      core.addFault({ match, action: { status: 503 } });
      expect((await api('GET', `me/events/${body.id}`)).status).toBe(503);
    }
    core.clearFaults();
    core.addFault({ match: { event: 'T2' }, action: { status: 503 } });
    expect((await api('POST', EVENTS, timed({ transactionId: 'T2' }))).status).toBe(503);
    expect((await api('POST', EVENTS, timed({ transactionId: 'T3' }))).status).toBe(201);
  });

  test('leaves the person’s own requests alone', async () => {
    const { core } = await stage();
    core.addFault({ action: { status: 503 } });
    expect((await apiWith(core, core.userToken(CLAIRE))('GET', 'me')).status).toBe(200);
  });

  test.each([
    [{ action: { stauts: 500 } }],
    [{ match: { methode: 'x' }, action: {} }],
    [{ time: 1, action: {} }],
  ])('%j with a misspelt name is an error', async (rule) => {
    const reply = await send(newEmulator(), '/__emulator/faults', { method: 'POST', body: JSON.stringify(rule) });
    expect(reply.status).toBe(400);
  });
});

describe('the world just before a request', () => {
  test('the person edits, deletes or moves the event', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const path = `me/events/${body.id}`;
    const version = { 'if-match': body['@odata.etag'] };
    core.addFault({ match: { method: 'events.patch' }, nth: 1, action: { editFirst: { subject: 'Par Claire' } } });
    expect((await api('PATCH', path, { subject: 'Par nous' }, version)).status).toBe(412);
    expect((await api('GET', path)).body.subject).toBe('Par Claire');
    core.addFault({ match: { method: 'events.get' }, nth: 1, action: { moveFirst: calendarId('cabinet') } });
    expect((await api('GET', path)).status).toBe(200);
    expect(core.state().events[0]?.calendarId).toBe(calendarId('cabinet'));
    core.addFault({ match: { method: 'events.patch' }, nth: 1, action: { deleteFirst: true } });
    expect((await api('PATCH', path, { subject: 'Trop tard' })).status).toBe(404);
  });

  test('the calendar goes, or cannot be written to any more, or forgets its tokens', async () => {
    const { core, api } = await stage({ calendarReadOnly: true });
    expect((await api('POST', EVENTS, timed())).status).toBe(403);
    const { deltaLink } = await round(api, DELTA);
    core.addFault({ match: { method: 'events.delta' }, nth: 1, action: { expireSyncTokens: true } });
    expect((await api('GET', deltaLink)).status).toBe(410);
    core.addFault({ match: { method: 'events.view' }, nth: 1, action: { calendarDeleted: true } });
    expect((await api('GET', 'me/calendarView?startDateTime=2026-12-01&endDateTime=2026-12-02')).status).toBe(404);
  });

  test('the grant ends, or only the access token does', async () => {
    const core = newEmulator();
    const { access_token, refresh_token = '' } = await connect(core);
    const api = apiWith(core, access_token);
    core.addFault({ match: { method: 'calendars.list' }, nth: 1, action: { expireAccessTokens: true } });
    expect((await api('GET', 'me/calendars')).status).toBe(401);
    const renewed = (await refresh(core, refresh_token)).body;
    core.addFault({ match: { method: 'calendars.list' }, nth: 1, action: { revokeGrant: 700082 } });
    expect((await apiWith(core, renewed.access_token)('GET', 'me/calendars')).status).toBe(401);
    expect((await refresh(core, renewed.refresh_token)).body.error_codes).toEqual([700082]);
  });
});

describe('control', () => {
  test('reads the state, or parts of it', async () => {
    const { core, api } = await stage();
    await api('POST', EVENTS, timed());
    expect(Object.keys(await control(core, 'state?only=mails,calls')).sort()).toEqual(['calls', 'mails']);
    const { calls, requests } = await control(core, 'state');
    expect(calls.at(-1)).toMatchObject({ method: 'events.insert', status: 201, account: CLAIRE });
    expect(requests.byMethod['oauth.token']).toEqual({ 200: 1 });
  });

  test('switches settings, and refuses what does not exist', async () => {
    const core = newEmulator();
    expect(await control(core, 'settings', { trimTexts: true })).toMatchObject({ trimTexts: true });
    for (const body of [{ trimText: true }, { trimTexts: 1 }]) {
      const reply = await send(core, '/__emulator/settings', { method: 'POST', body: JSON.stringify(body) });
      expect(reply.status).toBe(400);
    }
  });

  test('moves the clock and resets everything', async () => {
    const { core, api } = await stage({ status: 500 });
    await api('GET', 'me');
    expect((await control(core, 'clock', { advanceMs: 60_000 })).now).toBe('2026-11-21T08:01:00.000Z');
    expect((await control(core, 'clock', { now: '2027-01-01T00:00:00Z' })).now).toBe('2027-01-01T00:00:00.000Z');
    await control(core, 'reset', {});
    const state = await control(core, 'state');
    expect([state.now, state.calls, state.faults]).toEqual(['2026-11-21T08:00:00.000Z', [], []]);
    expect((await api('GET', 'me')).status).toBe(401);
    expect((await send(core, '/__emulator/nothing')).status).toBe(404);
  });
});
