import { describe, expect, test } from 'vitest';
import { apiWith, calendarId, CLAIRE, codeOf, connectedApi, control, newEmulator, timed } from './visitor.ts';

describe('calendars', () => {
  test('are a default one, a second one and a read-only one of somebody else', async () => {
    const { body } = await (await connectedApi(newEmulator()))('GET', 'me/calendars');
    expect(body.value.map((one: Record<string, unknown>) => [one.id, one.isDefaultCalendar, one.canEdit])).toEqual([
      [calendarId('Calendar'), true, true],
      [calendarId('cabinet'), false, true],
      [calendarId('equipe'), false, false],
    ]);
    expect(body.value[2].owner.address).not.toBe(CLAIRE);
    expect(body.value[0].hexColor).toBe('');
  });

  test('come ten to a page: the eleventh is behind a whole link that keeps the parameters', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    for (let number = 4; number <= 11; number++) {
      await control(core, 'calendars', { id: `AAMkCalendar${number}=`, account: CLAIRE, name: 'Même nom' });
    }
    const first = await api('GET', 'me/calendars?$select=id,name');
    expect(first.body.value).toHaveLength(10);
    const link = first.body['@odata.nextLink'];
    const second = await api('GET', link);
    expect(second.body.value).toEqual([{ id: 'AAMkCalendar11=', name: 'Même nom' }]);
    expect(second.body).not.toHaveProperty('@odata.nextLink');
  });

  test('may have an empty page in the middle, which still goes on', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ emptyMiddlePage: true, pageSizeCap: 2 });
    const sizes: number[] = [];
    let link = 'me/calendars';
    while (link) {
      const { body } = await api('GET', link);
      sizes.push(body.value.length);
      link = body['@odata.nextLink'];
    }
    expect(sizes).toEqual([2, 0, 1]);
  });

  test('are read by id or as the default one; ids are case-sensitive', async () => {
    const api = await connectedApi(newEmulator());
    const id = calendarId('cabinet');
    expect((await api('GET', `me/calendars/${encodeURIComponent(id)}`)).body.id).toBe(id);
    expect((await api('GET', 'me/calendar')).body.isDefaultCalendar).toBe(true);
    const wrong = await api('GET', `me/calendars/${encodeURIComponent(id.toLowerCase())}`);
    expect([wrong.status, codeOf(wrong)]).toEqual([404, 'ErrorItemNotFound']);
  });

  test('of another account are out of reach', async () => {
    const api = await connectedApi(newEmulator());
    expect((await api('GET', `me/calendars/${calendarId('Calendar', 'marc')}`)).status).toBe(404);
  });

  test('that are gone answer 404, and those without write access 403', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const refused = await api('POST', `me/calendars/${calendarId('equipe')}/events`, timed());
    expect([refused.status, codeOf(refused)]).toEqual([403, 'ErrorAccessDenied']);
    await control(core, 'calendars', { id: calendarId('cabinet'), deleted: true });
    expect((await api('POST', `me/calendars/${calendarId('cabinet')}/events`, timed())).status).toBe(404);
    expect((await api('GET', 'me/calendars')).body.value).toHaveLength(2);
  });

  test('are also below users/ and the caller’s own address', async () => {
    const api = await connectedApi(newEmulator());
    expect((await api('GET', `users/${CLAIRE}/calendars`)).body.value).toHaveLength(3);
    expect((await api('GET', 'users/marc@outlook.test/calendars')).status).toBe(400);
  });

  test('do not exist for an account without a mailbox', async () => {
    const core = newEmulator();
    core.configure({ withoutMailbox: [CLAIRE] });
    const reply = await (await connectedApi(core))('GET', 'me/calendars');
    expect([reply.status, codeOf(reply)]).toEqual([404, 'MailboxNotEnabledForRESTAPI']);
  });

  test('are also for the person, whose requests are neither limited nor noted', async () => {
    const core = newEmulator();
    core.configure({ requestsPerTenMinutes: 1 });
    const person = apiWith(core, (await control(core, 'token', { email: CLAIRE })).access_token);
    for (let turn = 0; turn < 3; turn++) expect((await person('GET', 'me/calendars')).status).toBe(200);
    expect(core.state().calls).toEqual([]);
  });
});
