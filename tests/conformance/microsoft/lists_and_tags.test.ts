import { describe, expect, test } from 'vitest';
import { type Api, calendarId, codeOf, EVENTS, type Json, stage, TAG, timed, weekly, WINDOW } from './visitor.ts';

const tagged = (value: string) => timed({ singleValueExtendedProperties: [{ id: TAG, value }] });
const EXPAND = `$expand=${encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${TAG}')`)}`;
const byTag = (condition: string, id = TAG) =>
  `$filter=${encodeURIComponent(`singleValueExtendedProperties/Any(ep: ep/id eq '${id}' and ${condition})`)}`;

async function found(api: Api, filter: string, path = 'me/events'): Promise<string[]> {
  return (await api('GET', `${path}?${filter}`)).body.value.map((event: Json) => event.id);
}

describe('tags', () => {
  test('are never echoed by a write, and read only where their very name is asked for', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, tagged('rdv-1'));
    expect(body).not.toHaveProperty('singleValueExtendedProperties');
    const path = `me/events/${body.id}`;
    expect((await api('GET', path)).body).not.toHaveProperty('singleValueExtendedProperties');
    expect((await api('GET', `${path}?${EXPAND}`)).body.singleValueExtendedProperties).toEqual([
      { id: TAG, value: 'rdv-1' },
    ]);
    const wrongName = EXPAND.replace('CassiusAppointment', 'cassiusappointment');
    expect((await api('GET', `${path}?${wrongName}`)).body).not.toHaveProperty('singleValueExtendedProperties');
  });

  test('are found by value, whatever its case, in every calendar; the name’s case counts', async () => {
    const { api } = await stage();
    const { body } = await api('POST', `me/calendars/${calendarId('cabinet')}/events`, tagged('Rdv-1'));
    await api('POST', EVENTS, tagged('rdv-2'));
    expect(await found(api, byTag("ep/value eq 'RDV-1'"))).toEqual([body.id]);
    expect(await found(api, byTag("startswith(ep/value,'rdv-')"))).toHaveLength(2);
    expect(await found(api, byTag("contains(ep/value,'v-2')"))).toHaveLength(1);
    expect(await found(api, byTag("ep/value ne 'rdv-2'"))).toEqual([body.id]);
    expect(await found(api, byTag("ep/value eq 'rdv-1'", TAG.toLowerCase().replace('string', 'String')))).toEqual([]);
  });

  test('on the events of one calendar are searched there, unless switched', async () => {
    const { core, api } = await stage();
    await api('POST', `me/calendars/${calendarId('cabinet')}/events`, tagged('rdv-1'));
    const filter = byTag("ep/value eq 'rdv-1'");
    expect(await found(api, filter, EVENTS)).toEqual([]);
    core.configure({ tagFilterOnCalendar: 'mailbox' });
    expect(await found(api, filter, EVENTS)).toHaveLength(1);
    core.configure({ tagFilterOnCalendar: 'refused' });
    expect((await api('GET', `${EVENTS}?${filter}`)).status).toBe(400);
  });

  test('may be found only after a while', async () => {
    const { core, api } = await stage();
    core.configure({ tagSearchDelaySeconds: 5 });
    await api('POST', EVENTS, tagged('rdv-1'));
    expect(await found(api, byTag("ep/value eq 'rdv-1'"))).toEqual([]);
    core.advance(5_000);
    expect(await found(api, byTag("ep/value eq 'rdv-1'"))).toHaveLength(1);
  });

  test('are changed by a patch, and kept by one that does not speak of them', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, tagged('rdv-1'));
    await api('PATCH', `me/events/${body.id}`, { subject: 'Autre' });
    expect(core.state().events[0]?.tags).toEqual({ [TAG]: 'rdv-1' });
    await api('PATCH', `me/events/${body.id}`, { singleValueExtendedProperties: [{ id: TAG, value: 'rdv-2' }] });
    expect(core.state().events[0]?.tags).toEqual({ [TAG]: 'rdv-2' });
    const bad = await api('PATCH', `me/events/${body.id}`, {
      singleValueExtendedProperties: [{ id: 'x', value: 'y' }],
    });
    expect(bad.status).toBe(400);
  });
});

describe('lists', () => {
  test('give singles and masters; views give singles and occurrences, never masters', async () => {
    const { api } = await stage();
    await api('POST', EVENTS, timed());
    await api('POST', EVENTS, weekly());
    const types = async (path: string) => (await api('GET', path)).body.value.map((event: Json) => event.type).sort();
    expect(await types(EVENTS)).toEqual(['seriesMaster', 'singleInstance']);
    expect(await types(`me/calendarView?${WINDOW}`)).toEqual([...Array(5).fill('occurrence'), 'singleInstance']);
  });

  test('come ten to a page, or as many as asked for; links keep every parameter', async () => {
    const { api } = await stage();
    for (let turn = 0; turn < 12; turn++) await api('POST', EVENTS, timed({ subject: `N${turn}` }));
    const first = (await api('GET', `${EVENTS}?$select=subject&$orderby=subject`)).body;
    expect(first.value).toHaveLength(10);
    expect(first.value[0]).not.toHaveProperty('start');
    const second = (await api('GET', first['@odata.nextLink'])).body;
    expect(second.value.map((event: Json) => event.subject)).toEqual(['N8', 'N9']);
    expect(second.value[0]).not.toHaveProperty('start');
    expect((await api('GET', `${EVENTS}?$top=12`)).body.value).toHaveLength(12);
    expect((await api('GET', `${EVENTS}?$top=1000`)).status).toBe(400);
    expect((await api('GET', EVENTS, undefined, { prefer: 'odata.maxpagesize=3' })).body.value).toHaveLength(3);
  });

  test('of a window need both bounds and less than five years; their offsets count', async () => {
    const { api } = await stage();
    await api('POST', EVENTS, timed());
    const view = (query: string) => api('GET', `me/calendarView?${query}`);
    expect((await view('startDateTime=2026-12-01T00:00:00Z')).status).toBe(400);
    const long = await view('startDateTime=2026-01-01T00:00:00Z&endDateTime=2031-12-31T00:00:00Z');
    expect([long.status, codeOf(long)]).toEqual([400, 'ErrorInvalidRequest']);
    const hits = async (start: string, end: string) =>
      (await view(`startDateTime=${encodeURIComponent(start)}&endDateTime=${encodeURIComponent(end)}`)).body.value
        .length;
    expect(await hits('2026-12-01T08:30:00', '2026-12-01T08:40:00')).toBe(1);
    expect(await hits('2026-12-01T08:30:00+01:00', '2026-12-01T08:40:00+01:00')).toBe(0);
    expect(await hits('2026-12-01T09:00:00', '2026-12-01T10:00:00')).toBe(0);
  });

  test('can be narrowed and sorted; what the emulator does not know is refused', async () => {
    const { api } = await stage();
    await api('POST', EVENTS, timed({ subject: 'B' }));
    await api('POST', EVENTS, timed({ subject: "A d'abord" }));
    const subjects = async (query: string) =>
      (await api('GET', `${EVENTS}?${query}`)).body.value.map((event: Json) => event.subject);
    expect(await subjects('$orderby=subject')).toEqual(["A d'abord", 'B']);
    expect(await subjects('$orderby=subject desc')).toEqual(['B', "A d'abord"]);
    expect(await subjects(`$filter=${encodeURIComponent("subject eq 'A d''abord'")}`)).toEqual(["A d'abord"]);
    expect(
      await subjects(`$filter=${encodeURIComponent("start/dateTime ge '2026-12-02T00:00' and isAllDay eq false")}`),
    )
      .toEqual([]);
    for (const query of ['$filter=body eq 1', '$orderby=body', '$expand=attachments', '$search=x']) {
      expect((await api('GET', `${EVENTS}?${query}`)).status).toBe(400);
    }
  });
});

test.each(['subjct', 'id,Subject', 'calendarId'])(
  '$select=%s is refused: no event has such a member',
  async (select) => {
    const { core, api } = await stage();
    core.configure({ strict: false });
    for (const path of [EVENTS, `me/calendarView?${WINDOW}`]) {
      const reply = await api('GET', `${path}${path.includes('?') ? '&' : '?'}$select=${select}`);
      expect([reply.status, codeOf(reply)]).toEqual([400, 'BadRequest']);
      expect(reply.body.error.message).toContain("on type 'microsoft.graph.event'");
    }
    expect(core.state().violations).toHaveLength(2);
  },
);
