import { describe, expect, test } from 'vitest';
import {
  apiWith,
  calendarId,
  CLAIRE,
  codeOf,
  connectedApi,
  control,
  EVENTS,
  IMMUTABLE,
  stage,
  timed,
  WINDOW,
} from './visitor.ts';

describe('creating', () => {
  test('answers 201 with the whole event and Outlook’s own defaults: a reminder, busy, normal', async () => {
    const { api } = await stage();
    const { status, body } = await api('POST', EVENTS, timed());
    expect(status).toBe(201);
    expect(body).toMatchObject({
      isReminderOn: true,
      reminderMinutesBeforeStart: 15,
      showAs: 'busy',
      importance: 'normal',
      sensitivity: 'normal',
      responseRequested: true,
      isDraft: false,
      type: 'singleInstance',
      originalStartTimeZone: 'Europe/Paris',
      seriesMasterId: null,
    });
    expect(body['@odata.etag']).toBe(`W/"${body.changeKey}"`);
    expect(body.changeKey).toMatch(/[+/=]/);
  });

  test('lands in the calendar of the path, and in the default one without', async () => {
    const { core, api } = await stage();
    await api('POST', 'me/events', timed());
    await api('POST', `me/calendars/${calendarId('cabinet')}/events`, timed());
    expect(core.state().events.map((event) => event.calendarId)).toEqual([
      calendarId('Calendar'),
      calendarId('cabinet'),
    ]);
  });

  test('again with the same transactionId and body gives the same event, and makes no second one', async () => {
    const { core, api } = await stage();
    const first = await api('POST', EVENTS, timed({ transactionId: 'T1' }));
    const second = await api('POST', EVENTS, timed({ transactionId: 'T1' }));
    expect([second.status, second.body.id, second.body.transactionId]).toEqual([201, first.body.id, 'T1']);
    expect(core.state().events).toHaveLength(1);
    expect(Object.values(core.state().inserts)).toEqual([{ asked: 2, created: 1 }]);
  });

  test('another event under a used transactionId is refused, and names the one there is', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ transactionId: 'T1' }));
    const again = () => api('POST', EVENTS, timed({ transactionId: 'T1', subject: 'Autre' }));
    const refused = await again();
    expect([refused.status, codeOf(refused)]).toEqual([400, 'ErrorDuplicateTransactionId']);
    expect(refused.body.error['@event.existingEventId']).toBe(body.id);
    core.configure({ duplicateTransactionStatus: 409, duplicateTransactionNamesEvent: false });
    const bare = await again();
    expect(bare.status).toBe(409);
    expect(bare.body.error).not.toHaveProperty('@event.existingEventId');
  });

  test('a deleted event keeps its transactionId taken, mailbox-wide and for ever, unless switched', async () => {
    const { core, api } = await stage();
    const create = (calendar: 'Calendar' | 'cabinet' = 'Calendar') =>
      api('POST', `me/calendars/${calendarId(calendar)}/events`, timed({ transactionId: 'T1' }));
    const { body } = await create();
    expect((await create('cabinet')).status).toBe(400);
    await api('DELETE', `me/events/${body.id}`);
    core.advance(3_000_000);
    expect(codeOf(await create())).toBe('ErrorDuplicateTransactionId');
    core.configure({ transactionFreedByDelete: true });
    expect((await create()).status).toBe(201);
    core.configure({ transactionScope: 'calendar' });
    expect((await create('cabinet')).status).toBe(201);
    core.configure({ transactionMemorySeconds: 60 });
    core.advance(60_001);
    expect((await create()).status).toBe(201);
  });

  test('a server’s own touch after the answer makes its version old at once, where switched on', async () => {
    const { core, api } = await stage();
    core.configure({ touchAfterCreate: true });
    const { body } = await api('POST', EVENTS, timed());
    const read = (await api('GET', `me/events/${body.id}`)).body;
    expect(read['@odata.etag']).not.toBe(body['@odata.etag']);
    expect(read.subject).toBe(body.subject);
  });
});

describe('changing', () => {
  test('keeps what is not sent, and answers the whole event with a new version', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ location: { displayName: 'Salle 1' }, transactionId: 'T1' }));
    const patched = await api('PATCH', `me/events/${body.id}`, { subject: 'Contrôle' });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({ subject: 'Contrôle', location: body.location, start: body.start });
    expect(patched.body.changeKey).not.toBe(body.changeKey);
    expect((await api('PATCH', `me/events/${body.id}`, { transactionId: 'T2' })).status).toBe(400);
  });

  test('one location replaces all, and an empty one leaves none', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ location: { displayName: 'Salle 1' } }));
    const patch = async (displayName: string) =>
      (await api('PATCH', `me/events/${body.id}`, { location: { displayName } })).body;
    expect((await patch('Salle 2')).locations).toEqual([expect.objectContaining({ displayName: 'Salle 2' })]);
    expect(await patch('')).toMatchObject({ location: { displayName: '' }, locations: [] });
  });

  test('under a stale version is refused with 412 and changes nothing; a current or any version passes', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const path = `me/events/${body.id}`;
    const patch = (version: string) => api('PATCH', path, { subject: 'B' }, { 'if-match': version });
    const current = (await api('PATCH', path, { subject: 'A' })).body['@odata.etag'];
    const refused = await patch(body['@odata.etag']);
    expect([refused.status, codeOf(refused)]).toEqual([412, 'ErrorIrresolvableConflict']);
    expect((await api('GET', path)).body.subject).toBe('A');
    expect((await patch(current)).status).toBe(200);
    expect((await patch('*')).status).toBe(200);
    core.configure({ ifMatchOnPatch: false });
    expect((await patch(body['@odata.etag'])).status).toBe(200);
  });

  test('a foreign organizer’s meeting changes the own copy only, and mails nobody', async () => {
    const { core, api } = await stage();
    const { event } = await control(core, 'events', {
      calendarId: calendarId('Calendar'),
      event: timed({
        organizer: { emailAddress: { name: 'Ami', address: 'ami@ailleurs.test' } },
        attendees: [{ emailAddress: { address: CLAIRE } }],
      }),
    });
    const reply = await api('PATCH', `me/events/${event.id}`, { subject: 'À moi' });
    expect([reply.status, reply.body.isOrganizer, reply.body.subject]).toEqual([200, false, 'À moi']);
    expect((await api('POST', `me/events/${event.id}/cancel`, {})).status).toBe(400);
    expect(core.state().mails).toEqual([]);
  });
});

describe('deleting', () => {
  test('answers 204, then 404; the event lands in Deleted Items', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    expect(await api('DELETE', `me/events/${body.id}`)).toMatchObject({ status: 204, text: '' });
    for (const verb of ['DELETE', 'GET']) {
      const again = await api(verb, `me/events/${body.id}`);
      expect([again.status, codeOf(again)]).toEqual([404, 'ErrorItemNotFound']);
    }
    expect(core.state().events).toEqual([expect.objectContaining({ id: body.id, deleted: true })]);
  });

  test('looks at If-Match, unless switched', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const path = `me/events/${body.id}`;
    await api('PATCH', path, { subject: 'A' });
    const stale = { 'if-match': body['@odata.etag'] };
    expect((await api('DELETE', path, undefined, stale)).status).toBe(412);
    core.configure({ ifMatchOnDelete: false });
    expect((await api('DELETE', path, undefined, stale)).status).toBe(204);
  });

  test('can be undone by the person: the event returns under its immutable id', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    await api('DELETE', `me/events/${body.id}`);
    core.configure({ deletedStayReadable: true });
    expect((await api('GET', `me/events/${body.id}`)).status).toBe(200);
    core.configure({ deletedStayReadable: false });
    await control(core, 'events', { eventId: body.id, restore: true });
    expect((await api('GET', `me/events/${body.id}`)).body.subject).toBe('Consultation');
  });
});

describe('ids', () => {
  test('have two forms; moving the event changes only the default one', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const plain = (await api('GET', `me/events/${body.id}`, undefined, { prefer: '' })).body.id;
    expect(plain).not.toBe(body.id);
    await control(core, 'events', { eventId: body.id, moveTo: calendarId('cabinet') });
    expect((await api('GET', `me/events/${body.id}`)).status).toBe(200);
    expect((await api('GET', `me/events/${plain}`)).status).toBe(404);
  });

  test.each([['ignored', 200], ['checked', 404]] as const)(
    'are good for the whole mailbox: the calendar in the address is %s',
    async (calendarOfEventPath, status) => {
      const { core, api } = await stage();
      core.configure({ calendarOfEventPath });
      const { body } = await api('POST', EVENTS, timed());
      const [own, other] = ['Calendar', 'cabinet'].map((kind) => `me/calendars/${calendarId(kind as 'cabinet')}`);
      expect((await api('GET', `${own}/events/${body.id}`)).status).toBe(200);
      expect((await api('GET', `${other}/events/${body.id}`)).status).toBe(status);
      expect((await api('GET', `${other}/calendarView?${WINDOW}`)).body.value).toEqual([]);
      expect((await api('GET', `me/calendars/AAMkNone=/events/${body.id}`)).status).toBe(404);
    },
  );

  test.each([['right', 'cabinet'], ['stranger', null]] as const)(
    'lead to the calendar of the event, or to one that is in no list: %s',
    async (calendarOfEvent, kind) => {
      const { core, api } = await stage();
      core.configure({ calendarOfEvent });
      const { body } = await api('POST', `me/calendars/${calendarId('cabinet')}/events`, timed());
      const { id } = (await api('GET', `me/events/${body.id}/calendar?$select=id`)).body;
      const listed = (await api('GET', 'me/calendars?$select=id')).body.value.map((one: { id: string }) => one.id);
      expect([id === calendarId('cabinet'), listed.includes(id)]).toEqual([kind !== null, kind !== null]);
    },
  );

  test('are translated from one form to the other', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const plain = (await api('GET', `me/events/${body.id}`, undefined, { prefer: '' })).body.id;
    const reply = await api('POST', 'me/translateExchangeIds', {
      inputIds: [plain, 'AAMkNobodyKnowsThis='],
      sourceIdType: 'restId',
      targetIdType: 'restImmutableEntryId',
    });
    expect(reply.body.value[0]).toEqual({ sourceId: plain, targetId: body.id });
    expect(reply.body.value[1].errorDetails.code).toBe('ErrorItemNotFound');
  });

  test('of another account, or of no form at all, are told apart', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const other = await connectedApi(core, 'marc@outlook.test');
    expect((await other('GET', `me/events/${body.id}`)).status).toBe(404);
    expect(codeOf(await api('GET', 'me/events/nonsense'))).toBe('ErrorInvalidIdMalformed');
    expect((await api('GET', `me/events/${body.id.toLowerCase()}`)).status).toBe(400);
  });

  test('the preference is echoed, with all others', async () => {
    const { api } = await stage();
    const reply = await api('GET', 'me/events', undefined, {
      prefer: `${IMMUTABLE}, outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=5`,
    });
    expect(reply.headers.get('preference-applied')).toBe(
      'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=5',
    );
  });
});

describe('mails', () => {
  const guest = { type: 'required', emailAddress: { name: 'Ami', address: 'ami@ailleurs.test' } };

  test('never go out for an event without guests', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    await api('PATCH', `me/events/${body.id}`, { subject: 'Autre' });
    await api('DELETE', `me/events/${body.id}`);
    expect(core.state().mails).toEqual([]);
  });

  test('go to every guest at every write, and nobody can ask for silence', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ attendees: [guest] }));
    await api('PATCH', `me/events/${body.id}`, { subject: 'Autre' });
    await api('PATCH', `me/events/${body.id}`, { attendees: [] });
    const second = await api('POST', EVENTS, timed({ attendees: [guest] }));
    await api('DELETE', `me/events/${second.body.id}`);
    expect(core.state().mails.map(({ kind }) => kind)).toEqual([
      'invitation',
      'update',
      'cancellation',
      'invitation',
      'cancellation',
    ]);
  });

  test('a meeting can be cancelled by its organizer; an event without guests cannot', async () => {
    const { core, api } = await stage();
    const meeting = (await api('POST', EVENTS, timed({ attendees: [guest] }))).body.id;
    const plain = (await api('POST', EVENTS, timed())).body.id;
    expect((await api('POST', `me/events/${meeting}/cancel`, { comment: 'Désolée' })).status).toBe(202);
    expect((await api('POST', `me/events/${plain}/cancel`, {})).status).toBe(400);
    expect(core.state().mails.at(-1)?.kind).toBe('cancellation');
  });
});

test('the person’s own edits are seen by the app like any others', async () => {
  const { core, api } = await stage();
  const { body } = await api('POST', EVENTS, timed());
  const person = apiWith(core, core.userToken(CLAIRE));
  await person('PATCH', `me/events/${body.id}`, { subject: 'Par Claire' });
  expect((await api('GET', `me/events/${body.id}`)).body.subject).toBe('Par Claire');
});
