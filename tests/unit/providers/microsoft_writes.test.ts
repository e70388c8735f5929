import { describe, expect, test } from 'vitest';
import type { WriteOperation } from '../../../supabase/functions/_shared/providers/port/calendar.ts';
import { MARKER, operationsIn, promisesOfBatches, results, TIMED } from './operations.ts';
import {
  batchAnswer,
  batchRequests,
  event,
  html,
  json,
  marked,
  NAMES,
  refusal,
  refusalBody,
  scripted,
  standing,
  told,
  withViews,
} from './scripted_microsoft.ts';

const CALENDAR = 'AAMkCal=';
const content = { ...TIMED, description: 'Une\nDeux', location: 'Paris', visibility: 'private' } as const;
const { ref, create, patch, remove } = operationsIn(CALENDAR, content);
const ids = (...found: string[]) => json(200, { value: found.map((id) => ({ id })) });

describe('a create', () => {
  test('is one request under our own key, and what comes back has Graph’s id and our mark', async () => {
    const { provider, handle, sent } = scripted(json(201, event('AAMk1', { transactionId: 'cs1' })));
    const outcome = (await provider.calendar.write(handle, [create('cs1')])).get('k-cs1');
    expect(outcome).toMatchObject({
      result: 'created',
      event: { version: 'W/"AAMk1-1"', ref: ref('AAMk1'), marker: MARKER, content: { title: 'Suivi' } },
    });
    expect(String(sent[0]?.url)).toBe('http://microsoft.test/v1.0/me/calendars/AAMkCal%3D/events');
    expect(sent[0]?.headers.get('prefer')).toBe(
      'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text"',
    );
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      subject: 'Suivi',
      body: { contentType: 'text', content: 'Une\nDeux' },
      location: { displayName: 'Paris' },
      isAllDay: false,
      start: { dateTime: '2026-11-21T08:00:00', timeZone: 'UTC' },
      end: { dateTime: '2026-11-21T08:30:00', timeZone: 'UTC' },
      showAs: 'busy',
      sensitivity: 'private',
      transactionId: 'cs1',
      isReminderOn: false,
      singleValueExtendedProperties: [
        { id: NAMES.mark, value: 'rdv/integration/0' },
        { id: NAMES.key, value: 'cs1' },
      ],
    });
  });

  test('has its refusal for an outcome', async () => {
    for (
      const [response, code] of [
        [refusal(404, 'ErrorItemNotFound'), 'CALENDAR_NOT_FOUND'],
        [refusal(403, 'ErrorAccessDenied'), 'CALENDAR_READ_ONLY'],
        [refusal(400, 'TimeZoneNotSupportedException'), 'INVALID_EVENT'],
        [refusal(400, 'A code of next year'), 'INVALID_EVENT'],
        [refusal(409, 'ErrorIrresolvableConflict'), 'VERSION_CONFLICT'],
        [refusal(429, 'ApplicationThrottled'), 'RATE_LIMITED'],
        [html(503), 'PROVIDER_UNAVAILABLE'],
        [html(404), 'UNEXPECTED_RESPONSE'],
        [json(201, { ok: true }), 'UNEXPECTED_RESPONSE'],
        [json(201, event('AAMk2', { transactionId: 'cs2' })), 'UNEXPECTED_RESPONSE'],
      ] as const
    ) {
      const { provider, handle } = scripted(response);
      expect(results(await provider.calendar.write(handle, [create('cs1')]))).toEqual({ 'k-cs1': code });
    }
  });

  test.each(
    [
      { kind: 'timed', startsAt: '2026-11-21T08:00:00.000Z', endsAt: '2026-11-21T08:00:00.000Z', timeZone: 'UTC' },
      { kind: 'timed', startsAt: 'x', endsAt: '2026-11-21T08:00:00.000Z', timeZone: 'UTC' },
      { kind: 'all_day', startDay: '2026-11-21', endDay: '2026-11-21' },
    ] as const,
  )('without length is refused before it is sent: %j', async (time) => {
    const { provider, handle, sent } = scripted();
    const operation = { ...create('cs1'), content: { ...content, time } } as WriteOperation;
    expect(results(await provider.calendar.write(handle, [operation]))).toEqual({ 'k-cs1': 'INVALID_EVENT' });
    expect(sent).toHaveLength(0);
  });

  describe('that Graph knows already', () => {
    const duplicate = (more: Record<string, unknown> = {}, status = 400) =>
      json(status, refusalBody('ErrorDuplicateTransactionId', more));
    const whole = (more: Record<string, unknown> = {}) =>
      event('AAMk1', {
        body: { contentType: 'text', content: 'Une\r\nDeux\r\n' },
        location: { displayName: 'Paris' },
        sensitivity: 'private',
        ...marked(),
        ...more,
      });

    test('is the event that it names, as it is: its owner may have written into it', async () => {
      const { provider, handle, sent } = scripted(
        duplicate({ '@event.existingEventId': 'AAMk1' }),
        json(200, whole({ subject: 'Ancien' })),
      );
      const outcome = (await provider.calendar.write(handle, [create('cs1')])).get('k-cs1');
      expect(outcome).toMatchObject({
        result: 'created',
        event: { ref: ref('AAMk1'), marker: MARKER, content: { title: 'Ancien' } },
      });
      expect(told(sent).slice(1)).toEqual([
        `GET /me/events/AAMk1?$expand=singleValueExtendedProperties($filter=id eq '${NAMES.mark}')`,
      ]);
    });

    test('is looked for by its key where it is not named', async () => {
      const { provider, handle, sent } = scripted(duplicate({}, 409), ids('AAMk1'), json(200, whole()));
      expect(results(await provider.calendar.write(handle, [create('cs1')]))).toEqual({ 'k-cs1': 'created' });
      expect(told(sent)[1]).toBe(
        `GET /me/calendars/AAMkCal%3D/events?$filter=singleValueExtendedProperties/Any(ep: ep/id eq '${NAMES.key}' ` +
          `and ep/value eq 'cs1')&$select=id`,
      );
    });

    test.each([
      ['deleted', [duplicate({ '@event.existingEventId': 'AAMk1' }), refusal(404, 'ErrorItemNotFound')]],
      ['not to be found', [duplicate(), ids()]],
      [
        'called off',
        [duplicate({ '@event.existingEventId': 'AAMk1' }), json(200, whole({ isCancelled: true }))],
      ],
      [
        'of another mark',
        [duplicate({ '@event.existingEventId': 'AAMk1' }), json(200, whole(marked('rdv/integration/1')))],
      ],
      [
        'without a mark',
        [duplicate({ '@event.existingEventId': 'AAMk1' }), json(200, event('AAMk1'))],
      ],
    ])('but that is %s spends its key', async (_, steps) => {
      const { provider, handle } = scripted(...steps);
      expect(results(await provider.calendar.write(handle, [create('cs1')]))).toEqual({ 'k-cs1': 'DUPLICATE_CREATE' });
    });

    test('but cannot be read keeps its key for the next attempt', async () => {
      for (const step of [html(503), new TypeError('reset'), refusal(429, 'TooManyRequests')]) {
        const { provider, handle } = scripted(duplicate({ '@event.existingEventId': 'AAMk1' }), step);
        expect(results(await provider.calendar.write(handle, [create('cs1')]))['k-cs1']).toMatch(
          /UNAVAILABLE|RATE_LIMITED/,
        );
      }
    });

    test('takes nothing away from the other creates of its batch', async () => {
      const { provider, handle } = scripted(
        batchAnswer([
          [400, refusalBody('ErrorDuplicateTransactionId', { '@event.existingEventId': 'AAMk1' })],
          [201, event('AAMk2')],
        ]),
        html(503),
      );
      expect(results(await provider.calendar.write(handle, [create('cs1'), create('cs2')]))).toEqual({
        'k-cs1': 'PROVIDER_UNAVAILABLE',
        'k-cs2': 'created',
      });
    });
  });
});

describe('a change', () => {
  test('takes a look, then writes the changed fields and our mark on the version that was read', async () => {
    const { provider, handle, sent } = scripted(json(200, standing('AAMk1')), json(200, event('AAMk1')));
    const outcome = (await provider.calendar.write(handle, [patch('AAMk1', 'W/"AAMk1-1"')])).get('k-AAMk1');
    expect(outcome).toMatchObject({ result: 'patched', event: { marker: MARKER } });
    expect(told(sent)).toEqual([
      'GET /me/events/AAMk1?$select=id,type,start,end,isAllDay,isOrganizer,attendees,onlineMeeting',
      'PATCH /me/events/AAMk1',
    ]);
    expect(sent.map(({ headers }) => headers.get('if-match'))).toEqual([null, 'W/"AAMk1-1"']);
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({
      subject: 'Neuf',
      singleValueExtendedProperties: [
        { id: NAMES.mark, value: 'rdv/integration/0' },
      ],
    });
  });

  test('without a version has no condition', async () => {
    const { provider, handle, sent } = scripted(json(200, standing('AAMk1')), json(200, event('AAMk1')));
    await provider.calendar.write(handle, [patch('AAMk1')]);
    expect(sent[1]?.headers.get('if-match')).toBe(null);
  });

  test.each([
    ['with guests', { attendees: [{ emailAddress: { address: 'anne@example.test' } }] }, 'PERMISSION_DENIED'],
    ['of somebody else', { isOrganizer: false }, 'PERMISSION_DENIED'],
    ['that changed meanwhile', { '@odata.etag': 'W/"2"' }, 'VERSION_CONFLICT'],
  ])('of an event %s is not even tried: nobody gets a mail', async (_, more, code) => {
    for (const operation of [patch('AAMk1', 'W/"AAMk1-1"'), remove('AAMk1', 'W/"AAMk1-1"')]) {
      const { provider, handle, sent } = scripted(json(200, standing('AAMk1', more)));
      expect(results(await provider.calendar.write(handle, [operation]))).toEqual({ 'k-AAMk1': code });
      expect(sent).toHaveLength(1);
    }
  });

  test.each(['ErrorItemNotFound', 'ErrorInvalidIdMalformed'])('of an event that is gone says so: %s', async (code) => {
    const status = code === 'ErrorItemNotFound' ? 404 : 400;
    for (
      const [operation, result] of [[patch('AAMk1'), 'EVENT_NOT_FOUND'], [remove('AAMk1'), 'already_gone']] as const
    ) {
      for (const steps of [[refusal(status, code)], [json(200, standing('AAMk1')), refusal(status, code)]]) {
        const { provider, handle } = scripted(...steps);
        expect(results(await provider.calendar.write(handle, [operation]))).toEqual({ 'k-AAMk1': result });
      }
    }
  });

  test('never takes a page for the news that an event is gone', async () => {
    for (const operation of [patch('AAMk1'), remove('AAMk1')]) {
      for (const steps of [[html(404)], [json(200, standing('AAMk1')), html(404)]]) {
        const { provider, handle } = scripted(...steps);
        expect(results(await provider.calendar.write(handle, [operation]))).toEqual({
          'k-AAMk1': 'UNEXPECTED_RESPONSE',
        });
      }
    }
  });

  test.each([
    [412, 'ErrorIrresolvableConflict', 'VERSION_CONFLICT'],
    [409, 'ErrorIrresolvableConflict', 'VERSION_CONFLICT'],
  ])('refused with %i %s is %s', async (status, reason, code) => {
    const { provider, handle } = scripted(json(200, standing('AAMk1')), refusal(status, reason));
    expect(results(await provider.calendar.write(handle, [patch('AAMk1')]))).toEqual({ 'k-AAMk1': code });
  });

  // One code for both: only the calendar can say which of them it is.
  test.each([
    [false, 'CALENDAR_READ_ONLY'],
    [true, 'PERMISSION_DENIED'],
  ])('denied in a calendar whose canEdit is %s is %s', async (canEdit, code) => {
    for (const operation of [patch('AAMk1'), remove('AAMk1')]) {
      const denied = [json(200, standing('AAMk1')), refusal(403, 'ErrorAccessDenied')];
      const { provider, handle } = scripted(...denied, json(200, { id: 'AAMkCal=', canEdit }));
      expect(results(await provider.calendar.write(handle, [operation]))).toEqual({ 'k-AAMk1': code });
    }
  });

  test('denied while its calendar cannot be read says what kept it from being read', async () => {
    for (const [look, code] of [[html(503), 'PROVIDER_UNAVAILABLE'], [json(200, {}), 'UNEXPECTED_RESPONSE']] as const) {
      const { provider, handle } = scripted(json(200, standing('AAMk1')), refusal(403, 'ErrorAccessDenied'), look);
      expect(results(await provider.calendar.write(handle, [patch('AAMk1')]))).toEqual({ 'k-AAMk1': code });
    }
  });

  test('of an event under the id that we asked for is looked up by that key', async () => {
    const { provider, handle, sent } = scripted(
      ids('AAMk1'),
      json(200, standing('AAMk1')),
      json(204, null),
      ids(),
    );
    expect(results(await provider.calendar.write(handle, [remove('cs1')]))).toEqual({ 'k-cs1': 'deleted' });
    expect(told(sent).at(-1)).toBe('DELETE /me/events/AAMk1');
    expect(results(await provider.calendar.write(handle, [remove('cs2')]))).toEqual({ 'k-cs2': 'already_gone' });
  });
});

describe('an event that its calendar’s own view does not show', () => {
  const elsewhere = () => ids('AAMkOther');

  test('is left alone: it was moved to another calendar', async () => {
    for (
      const [operation, result] of [[patch('AAMk1'), 'EVENT_NOT_FOUND'], [remove('AAMk1'), 'already_gone']] as const
    ) {
      const { provider, handle, sent, looks } = withViews(elsewhere, json(200, standing('AAMk1')));
      expect(results(await provider.calendar.write(handle, [operation]))).toEqual({ 'k-AAMk1': result });
      expect(sent).toHaveLength(1);
      expect(told(looks)).toEqual([
        'GET /me/calendars/AAMkCal%3D/calendarView?startDateTime=2026-11-21T07:59:00.000Z' +
        '&endDateTime=2026-11-21T08:31:00.000Z&$select=id&$top=999',
      ]);
    }
  });

  test.each([
    ['changed', { '@odata.etag': 'W/"later"' }],
    ['became a series', { type: 'seriesMaster' }],
    ['has guests', { attendees: [{}] }],
  ])('is not there, and that it %s as well is no answer', async (_what, more) => {
    const { provider, handle } = withViews(elsewhere, json(200, { ...standing('AAMk1'), ...more }));
    expect(results(await provider.calendar.write(handle, [remove('AAMk1')]))).toEqual({ 'k-AAMk1': 'already_gone' });
  });

  test('is not taken for moved where the view cannot be read', async () => {
    for (const view of [html(404), html(503), refusal(429, 'TooManyRequests'), json(200, {})]) {
      for (const operation of [patch('AAMk1'), remove('AAMk1')]) {
        const { provider, handle, sent } = withViews(() => view.clone(), json(200, standing('AAMk1')));
        const outcome = (await provider.calendar.write(handle, [operation])).get('k-AAMk1');
        expect(outcome).toMatchObject({ result: 'failed', error: { retryable: true } });
        expect(sent).toHaveLength(1);
      }
    }
  });

  test('costs its own change only, among others of a batch', async () => {
    const { provider, handle, sent } = withViews(
      () => ids('AAMk2'),
      batchAnswer([[200, standing('AAMk1')], [200, standing('AAMk2')]]),
      json(200, event('AAMk2')),
    );
    expect(results(await provider.calendar.write(handle, [patch('AAMk1'), patch('AAMk2')]))).toEqual({
      'k-AAMk1': 'EVENT_NOT_FOUND',
      'k-AAMk2': 'patched',
    });
    expect(told(sent).at(-1)).toBe('PATCH /me/events/AAMk2');
  });
});

describe('a refused access token', () => {
  test('is renewed once and the request repeated', async () => {
    const { provider, handle, sent, tokens } = scripted(
      refusal(401, 'InvalidAuthenticationToken'),
      json(201, event('AAMk1')),
    );
    expect(results(await provider.calendar.write(handle, [create('cs1')]))).toEqual({ 'k-cs1': 'created' });
    expect(tokens.renewed).toBe(1);
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('that is refused again is no proof that the grant is dead', async () => {
    const refused = () => refusal(401, 'InvalidAuthenticationToken');
    const { provider, handle, sent } = scripted(refused(), refused());
    await expect(provider.calendar.write(handle, [create('cs1')])).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      retryable: true,
    });
    expect(sent).toHaveLength(2);
  });

  test('that conditional access no longer accepts needs the person', async () => {
    const refused = () =>
      refusal(401, 'InvalidAuthenticationToken', {
        'www-authenticate': 'Bearer realm="", error="insufficient_claims", claims="e30="',
      });
    const { provider, handle } = scripted(refused(), refused());
    await expect(provider.calendar.write(handle, [create('cs1')])).rejects.toMatchObject({ code: 'NEED_RECONSENT' });
  });
});

describe('several operations are one batch', () => {
  test('with outcomes under their keys, whatever the order of the answer', async () => {
    const { provider, handle, sent } = scripted(
      batchAnswer([[200, standing('AAMkB')], [200, standing('AAMkC')]]),
      batchAnswer([
        [201, event('AAMkA')],
        [412, refusalBody('ErrorIrresolvableConflict')],
        [204],
        [429, refusalBody('TooManyRequests'), { 'Retry-After': '2.128' }],
      ]),
    );
    const outcomes = await provider.calendar.write(handle, [
      create('a'),
      patch('AAMkB', 'W/"AAMkB-1"'),
      remove('AAMkC'),
      create('d'),
    ]);
    expect(results(outcomes)).toEqual({
      'k-a': 'created',
      'k-AAMkB': 'VERSION_CONFLICT',
      'k-AAMkC': 'deleted',
      'k-d': 'RATE_LIMITED',
    });
    expect(outcomes.get('k-d')).toMatchObject({ error: { retryAfterSeconds: 3 } });
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual(
      ['POST http://microsoft.test/v1.0/$batch', 'POST http://microsoft.test/v1.0/$batch'],
    );
    expect(batchRequests(sent[1]!).map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /me/calendars/AAMkCal%3D/events',
      'PATCH /me/events/AAMkB',
      'DELETE /me/events/AAMkC',
      'POST /me/calendars/AAMkCal%3D/events',
    ]);
    expect(batchRequests(sent[1]!).map(({ headers }) => [headers['if-match'], headers['content-type']])).toEqual([
      [undefined, 'application/json'],
      ['W/"AAMkB-1"', 'application/json'],
      [undefined, undefined],
      [undefined, 'application/json'],
    ]);
    for (const { headers } of batchRequests(sent[1]!)) expect(headers['prefer']).toContain('IdType="ImmutableId"');
  });

  test('in which what the look settled is not sent', async () => {
    const { provider, handle, sent } = scripted(
      batchAnswer([[404, refusalBody('ErrorItemNotFound')], [503, refusalBody('UnknownError')], null, [200, {}]]),
    );
    const operations = [remove('AAMkA'), patch('AAMkB'), patch('AAMkC'), patch('AAMkD')];
    expect(results(await provider.calendar.write(handle, operations))).toEqual({
      'k-AAMkA': 'already_gone',
      'k-AAMkB': 'PROVIDER_UNAVAILABLE',
      'k-AAMkC': 'UNEXPECTED_RESPONSE',
      'k-AAMkD': 'UNEXPECTED_RESPONSE',
    });
    expect(sent).toHaveLength(1);
  });

  promisesOfBatches({
    scripted,
    batchAnswer,
    create,
    created: (id) => [201, event(`AAMk${id}`)],
    refusedToken: [401, refusalBody('InvalidAuthenticationToken')],
    callsIn: (request) => batchRequests(request).length,
  });

  test.each([
    ['the connection breaks', [new TypeError('reset')], 'PROVIDER_UNAVAILABLE'],
    ['Microsoft answers with a page', [html(502)], 'PROVIDER_UNAVAILABLE'],
    ['the envelope is limited', [refusal(429, 'TooManyRequests')], 'RATE_LIMITED'],
    ['the envelope is refused', [refusal(400, 'BadRequest')], 'UNEXPECTED_RESPONSE'],
    ['the answer is no batch', [json(200, {})], 'UNEXPECTED_RESPONSE'],
    [
      'the new token is refused too',
      [refusal(401, 'InvalidAuthenticationToken'), refusal(401, 'InvalidAuthenticationToken')],
      'PROVIDER_UNAVAILABLE',
    ],
  ])('and fail as one when %s', async (_, steps, code) => {
    const { provider, handle } = scripted(...steps);
    await expect(provider.calendar.write(handle, [create('a'), create('b')])).rejects.toMatchObject({ code });
  });

  test('of at most twenty, each under a key of its own', async () => {
    const { provider, handle, sent } = scripted();
    const many = Array.from({ length: 21 }, (_, at) => create(`a${at}`));
    await expect(provider.calendar.write(handle, many)).rejects.toMatchObject({
      code: 'SYNC_FAILED',
      retryable: false,
    });
    await expect(provider.calendar.write(handle, [create('a'), create('a')])).rejects.toMatchObject({
      code: 'SYNC_FAILED',
    });
    expect((await provider.calendar.write(handle, [])).size).toBe(0);
    expect(sent).toHaveLength(0);
  });
});
