/** What the calendar shows, on whose clock, and which address shows it. */
import { describe, expect, test } from 'vitest';
import { attendeesOf, safeLink } from '../../web/src/calendar/attendees.ts';
import { byDay } from '../../web/src/calendar/by_day.ts';
import { addressOf, readAddress } from '../../web/src/calendar/calendar_address.ts';
import { countConflicts, entriesOf, type Entry, matches, orderOf } from '../../web/src/calendar/entry.ts';
import { moveByKey } from '../../web/src/calendar/keyboard_move.ts';
import { monthEntries, monthOrder } from '../../web/src/calendar/month_days.ts';
import { listedPeople, peopleOf, toggled, UNASSIGNED } from '../../web/src/calendar/people.ts';
import { overlaid } from '../../web/src/calendar/pending_change.ts';
import { periodOf, periodTitle, stepped } from '../../web/src/calendar/period.ts';
import type { Appointment, ExternalEvent, Integration, Link, Member } from '../../web/src/calendar/rows.ts';
import { appointmentState, concerned } from '../../web/src/calendar/sync_state.ts';
import { initialsOf, initialsOfAll } from '../../web/src/parts/person.ts';
import { withOrdinalFirst } from '../../web/src/words/typeset.ts';

const RDV = '00000000-0000-4000-8000-000000000001';
const EVENT = '00000000-0000-4000-8000-000000000002';
const MEMBER = '00000000-0000-4000-8000-000000000003';

const appointment = (fields: Partial<Appointment> = {}): Appointment => ({
  id: RDV,
  organisation_id: 'o',
  type: 'Soin',
  act: null,
  notes: null,
  location: null,
  patient_id: null,
  practitioner_id: MEMBER,
  starts_at: '2026-11-23T08:00:00+00:00',
  ends_at: '2026-11-23T08:30:00+00:00',
  status: 'scheduled',
  source: 'cassius',
  updated_at: '2026-11-20T08:00:00.5+00:00',
  patient: { first_name: 'Alice', last_name: 'Durand', birth_date: null },
  practitioner: null,
  ...fields,
});

const event = (fields: Partial<ExternalEvent> = {}): ExternalEvent => ({
  id: EVENT,
  organisation_id: 'o',
  integration_id: 'i',
  user_id: 'u',
  provider: 'google',
  external_calendar_id: 'c',
  external_event_id: 'x',
  status: 'confirmed',
  summary: 'Déjeuner',
  description: null,
  location: null,
  start_at: '2026-11-23T11:00:00+00:00',
  end_at: '2026-11-23T12:00:00+00:00',
  all_day: false,
  start_day: null,
  end_day: null,
  attendees: [],
  html_link: null,
  own_response: null,
  visibility: 'normal',
  cassius_appointment_id: null,
  last_synced_at: '2026-11-20T08:00:00+00:00',
  ...fields,
});

const link = (fields: Partial<Link> = {}): Link => ({
  rdv_id: RDV,
  integration_id: 'i',
  sync_status: 'synced',
  skip_reason: null,
  last_error: null,
  last_synced_at: null,
  drifted_at: null,
  ...fields,
});

const member = (id: string, display_name: string, fields: Partial<Member> = {}): Member => ({
  id,
  user_id: null,
  display_name,
  role: 'practitioner',
  initials: null,
  color: 1,
  ...fields,
});

const rows = (given: Partial<Parameters<typeof entriesOf>[0]> = {}) => ({
  appointments: [],
  events: [],
  links: [],
  conflicts: [],
  people: peopleOf([member(MEMBER, 'Dr Claire Moreau', { user_id: 'u' })], 'fr-FR'),
  ...given,
});
const only = (given: Parameters<typeof rows>[0], zone = 'Europe/Paris'): Entry => entriesOf(rows(given), zone, 30)[0]!;

describe('entries', () => {
  test('an appointment stands on the practice’s clock, wherever the browser is', () => {
    expect(only({ appointments: [appointment()] })).toMatchObject({
      start: '2026-11-23T09:00',
      end: '2026-11-23T09:30',
    });
    expect(only({ appointments: [appointment()] }, 'Indian/Reunion')).toMatchObject({ start: '2026-11-23T12:00' });
    expect(only({ appointments: [appointment()] }, 'Asia/Kathmandu')).toMatchObject({ start: '2026-11-23T13:45' });
  });

  test('the same day shows both sides of a clock change right', () => {
    const at = (starts_at: string) => only({ appointments: [appointment({ starts_at, ends_at: null })] }).start;
    expect(at('2026-10-25T00:30:00Z')).toBe('2026-10-25T02:30');
    expect(at('2026-10-25T01:30:00Z')).toBe('2026-10-25T02:30');
    expect(at('2026-10-25T02:30:00Z')).toBe('2026-10-25T03:30');
  });

  test('an entry whose end the clock puts before its start is still drawn after it', () => {
    const entry = only({
      appointments: [appointment({ starts_at: '2026-10-25T00:45:00Z', ends_at: '2026-10-25T01:15:00Z' })],
    });
    expect(entry.end! > entry.start!).toBe(true);
  });

  test('without an end it lasts the usual time, without a start it has no place', () => {
    expect(only({ appointments: [appointment({ ends_at: null })] }).end).toBe('2026-11-23T09:30');
    expect(only({ appointments: [appointment({ starts_at: null, ends_at: null })] })).toMatchObject({
      start: null,
      end: null,
    });
  });

  test('a whole day stays that day in every zone', () => {
    const allDay = event({
      all_day: true,
      start_day: '2026-11-23',
      end_day: '2026-11-25',
      start_at: '2026-11-22T23:00:00Z',
      end_at: '2026-11-24T23:00:00Z',
    });
    for (const zone of ['Europe/Paris', 'Pacific/Auckland', 'America/Los_Angeles']) {
      expect(only({ events: [allDay] }, zone)).toMatchObject({ start: '2026-11-23', end: '2026-11-25', allDay: true });
    }
  });

  test('an event that became an appointment is shown once, and again when that appointment is gone', () => {
    const made = event({ cassius_appointment_id: RDV });
    expect(entriesOf(rows({ appointments: [appointment()], events: [made] }), 'UTC', 30).map(({ kind }) => kind))
      .toEqual([
        'appointment',
      ]);
    expect(entriesOf(rows({ events: [made] }), 'UTC', 30).map(({ kind }) => kind)).toEqual(['event']);
  });

  test('the filters show one source, one practitioner, what is in conflict, or what still stands', () => {
    const conflicts = [{ id: 'k', reason: 'time_overlap', internal_id: RDV, external_id: 'x' }];
    const all = entriesOf(rows({ appointments: [appointment()], events: [event()], conflicts }), 'UTC', 30);
    const kinds = (filter: Partial<Parameters<typeof matches>[1]>) =>
      all.filter((entry) => matches(entry, { source: 'all', people: null, cancelled: true, ...filter }))
        .map(({ kind }) => kind);
    expect(kinds({})).toEqual(['appointment', 'event']);
    expect(kinds({ source: 'cassius' })).toEqual(['appointment']);
    expect(kinds({ source: 'google' })).toEqual(['event']);
    expect(kinds({ source: 'microsoft' })).toEqual([]);
    expect(kinds({ source: 'conflicts' })).toEqual(['appointment', 'event']);
    expect(kinds({ people: [EVENT] })).toEqual([]);
    expect(kinds({ people: [EVENT, MEMBER] })).toEqual(['appointment', 'event']);
    const cancelled = only({ appointments: [appointment({ status: 'cancelled' })] });
    expect(matches(cancelled, { source: 'all', people: null, cancelled: false })).toBe(false);
  });

  test('one question about two entries is one, and a question about what is not shown is none', () => {
    const overlap = { id: '1', reason: 'time_overlap', internal_id: RDV, external_id: 'x' };
    const elsewhere = { id: '2', reason: 'deleted', internal_id: MEMBER, external_id: 'y' };
    const mass = { id: '3', reason: 'mass_change', internal_id: null, external_id: null };
    const conflicts = [overlap, elsewhere, mass];
    const entries = entriesOf(rows({ appointments: [appointment()], events: [event()], conflicts }), 'UTC', 30);
    expect(entries.map(({ sync }) => sync)).toEqual(['conflict', 'conflict']);
    expect(countConflicts(entries, conflicts)).toBe(1);
  });

  test('the most urgent state of an appointment is the one that shows', () => {
    expect(appointmentState([], [])).toBe('none');
    expect(appointmentState([link(), link({ sync_status: 'pending' })], [])).toBe('pending');
    expect(appointmentState([link({ drifted_at: '2026-11-20T08:00:00Z' }), link({ sync_status: 'pending' })], [])).toBe(
      'drifted',
    );
    expect(appointmentState([link({ sync_status: 'error' }), link()], [])).toBe('error');
    const conflict = { id: 'k', reason: 'deleted', internal_id: RDV, external_id: null };
    expect(appointmentState([link({ sync_status: 'error' })], [conflict])).toBe('conflict');
  });

  test('a colleague’s calendar is told of only where it holds the appointment', () => {
    const integration = (id: string, user_id: string): Integration => ({
      id,
      provider: 'google',
      user_id,
      status: 'connected',
      export_enabled: true,
      import_enabled: true,
      last_error: null,
    });
    const both = [integration('i', 'u'), integration('j', 'v')];
    const told = (links: Link[]) => concerned(both, links, 'u').map((one) => one.integration.id);
    expect(told([])).toEqual(['i']);
    expect(told([link({ integration_id: 'j', sync_status: 'none', skip_reason: 'out_of_scope' })])).toEqual(['i']);
    expect(told([link({ integration_id: 'j' })])).toEqual(['i', 'j']);
  });

  test('days list what touches them, whole days first, and midnight belongs to the day before', () => {
    const list = entriesOf(
      rows({
        appointments: [appointment(), appointment({ id: EVENT, starts_at: null })],
        events: [
          event({ id: 'night', start_at: '2026-11-23T21:00:00Z', end_at: '2026-11-23T23:00:00Z' }),
          event({ id: 'days', all_day: true, start_day: '2026-11-22', end_day: '2026-11-25' }),
        ],
      }),
      'Europe/Paris',
      30,
    );
    const days = byDay(list, { from: '2026-11-23', until: '2026-11-25' });
    expect(days.map(([day, entries]) => [day, entries.map(({ id }) => id)])).toEqual([
      ['', [EVENT]],
      ['2026-11-23', ['days', RDV, 'night']],
      ['2026-11-24', ['days']],
    ]);
  });
});

describe('people', () => {
  const many = [
    member('d', 'Dr Zoé Étienne'),
    member('a', 'Dr Charles Martin'),
    member('c', 'Dr Claire Moreau', { user_id: 'u' }),
    member('b', 'Édith Noël', { role: 'secretary' }),
  ];
  const people = peopleOf(many, 'fr-FR');

  test('have one order, that of their names as French sorts them', () => {
    expect(people.map(({ id }) => id)).toEqual(['a', 'c', 'd', 'b']);
    expect(peopleOf([...many].reverse(), 'fr-FR')).toEqual(people);
  });

  test('entries that begin together stand in that order, whatever their keys', () => {
    const of = (id: string, practitioner_id: string | null) => appointment({ id, practitioner_id });
    const appointments = [of('1', null), of('2', 'd'), of('3', 'c'), of('4', 'a')];
    const list = entriesOf(rows({ appointments, people }), 'Europe/Paris', 30);
    const sorted = (order: (entry: Entry) => string) =>
      [...list].sort((a, b) => order(a) < order(b) ? -1 : 1).map(({ id }) => id);
    expect(sorted(orderOf)).toEqual(['4', '3', '2', '1']);
    expect(sorted(monthOrder)).toEqual(['4', '3', '2', '1']);
    expect(byDay(list, { from: '2026-11-23', until: '2026-11-24' })[0]![1].map(({ id }) => id))
      .toEqual(['4', '3', '2', '1']);
  });

  test('whoever practises can be chosen, and others while something is theirs, or nobody’s', () => {
    const listed = (counts: Array<[string, number]>) =>
      listedPeople(people, new Map(counts), 'Sans praticien').map(({ id }) => id);
    expect(listed([])).toEqual(['a', 'c', 'd']);
    expect(listed([['b', 1], [UNASSIGNED, 2]])).toEqual(['a', 'c', 'd', 'b', UNASSIGNED]);
  });

  test('one after the other is added and taken away; none and all are everybody', () => {
    const three = people.slice(0, 3);
    expect(toggled(null, 'c', three)).toEqual(['c']);
    expect(toggled(['c'], 'a', three)).toEqual(['a', 'c']);
    expect(toggled(['a', 'c'], 'c', three)).toEqual(['a']);
    expect(toggled(['a'], 'a', three)).toBeNull();
    expect(toggled(['a', 'c'], 'd', three)).toBeNull();
  });

  test('initials leave out titles, and tell apart two whose names begin alike', () => {
    expect(['Dr Claire Moreau', 'Pr. Jean-Paul de La Tour', 'Zoé', 'Dr', 'Mme Ève Ohana'].map(initialsOf))
      .toEqual(['CM', 'JT', 'ZO', 'DR', 'ÈO']);
    expect(people.map(({ initials }) => initials)).toEqual(['CMa', 'CMo', 'ZÉ', 'ÉN']);
    expect(initialsOfAll([member('a', 'Dr Charles Martin', { initials: 'C1' }), member('c', 'Dr Claire Moreau')]))
      .toEqual(['C1', 'CM']);
  });
});

describe('a month', () => {
  const month = { from: '2026-10-26', until: '2026-12-07' };
  const at = (id: string, hour: string, day = '2026-11-23') =>
    event({ id, start_at: `${day}T${hour}:00Z`, end_at: `${day}T${hour}:30Z` });
  const days = (id: string, start_day: string, end_day: string) => event({ id, all_day: true, start_day, end_day });
  const drawn = (events: ExternalEvent[], room: number) => {
    const { drawn, more } = monthEntries(entriesOf(rows({ events }), 'UTC', 30), month, room);
    return { drawn: drawn.map(({ id }) => id), more: Object.fromEntries(more) };
  };

  test('a day shows the first of its entries and says how many more it holds', () => {
    const events = [at('late', '18'), at('early', '07'), at('noon', '12'), at('other', '09', '2026-11-24')];
    expect(drawn(events, 2)).toEqual({ drawn: ['early', 'noon', 'other'], more: { '2026-11-23': 1 } });
    expect(drawn(events, 3)).toEqual({ drawn: ['early', 'noon', 'late', 'other'], more: {} });
  });

  test('what lasts several days is always drawn, and takes room on each of them', () => {
    const events = [
      days('away', '2026-11-22', '2026-11-25'),
      at('early', '07'),
      at('noon', '12'),
      days('one', '2026-11-24', '2026-11-25'),
    ];
    expect(drawn(events, 1)).toEqual({ drawn: ['away'], more: { '2026-11-23': 2, '2026-11-24': 1 } });
    expect(drawn(events, 2)).toEqual({ drawn: ['away', 'one', 'early'], more: { '2026-11-23': 1 } });
  });

  test('however much a month holds, it is all either drawn or counted', () => {
    const events = Array.from(
      { length: 500 },
      (_, n) => at(`e${n}`, String(n % 24).padStart(2, '0'), `2026-11-${String(1 + n % 30).padStart(2, '0')}`),
    );
    const { drawn: shown, more } = drawn(events, 4);
    expect(shown.length).toBe(120);
    expect(shown.length + Object.values(more).reduce((sum, count) => sum + count, 0)).toBe(500);
  });
});

describe('a change on its way', () => {
  const pending = (version: string | null) => new Map([[RDV, { change: { location: 'Salle 2' }, version }]]);

  test('shows at once, until the rows are as new as the answer', () => {
    const row = appointment();
    expect(overlaid([row], pending(null))[0]).toMatchObject({ location: 'Salle 2', updated_at: row.updated_at });
    expect(overlaid([row], pending('2026-11-20T08:00:01+00:00'))[0]).toMatchObject({
      location: 'Salle 2',
      updated_at: '2026-11-20T08:00:01+00:00',
    });
    const newer = appointment({ location: 'Salle 3', updated_at: '2026-11-20T08:00:02+00:00' });
    expect(overlaid([newer], pending('2026-11-20T08:00:01+00:00'))[0]!.location).toBe('Salle 3');
  });

  test('keys move by a quarter of an hour, by a day, or change the length, and never turn time round', () => {
    const stretch = { start: '2026-11-23T09:00', end: '2026-11-23T09:15' };
    const keys = (key: string, more = {}) =>
      moveByKey(stretch, { key, altKey: true, ctrlKey: false, metaKey: false, shiftKey: false, ...more });
    expect(keys('ArrowDown')).toEqual({ start: '2026-11-23T09:15', end: '2026-11-23T09:30' });
    expect(keys('ArrowLeft')).toEqual({ start: '2026-11-22T09:00', end: '2026-11-22T09:15' });
    expect(keys('ArrowDown', { shiftKey: true })).toEqual({ start: '2026-11-23T09:00', end: '2026-11-23T09:30' });
    expect(keys('ArrowUp', { shiftKey: true })).toBeNull();
    expect(keys('ArrowDown', { altKey: false })).toBeNull();
    expect(keys('Enter')).toBeNull();
  });
});

describe('the calendar’s address', () => {
  const defaults = { view: 'week', day: '2026-11-21' } as const;
  const read = (text: string) =>
    readAddress(new URLSearchParams(text), ['all', 'cassius', 'google', 'conflicts'], defaults);

  test('what is shown reads back from its address', () => {
    for (
      const text of [
        '',
        'view=month&date=2026-02-01&show=google&cancelled=0',
        `rdv=${RDV}`,
        `event=${EVENT}&practitioner=${MEMBER}`,
        `practitioner=${MEMBER},${EVENT},${UNASSIGNED}`,
      ]
    ) {
      const shown = read(text);
      expect(read(new URL(addressOf(shown, defaults), 'http://x').search)).toEqual(shown);
    }
  });

  test('whatever is malformed or unknown is as if it were not there', () => {
    expect(read('view=year&date=2026-02-30&show=evil&rdv=1%20or%201&practitioner=x')).toEqual(read(''));
  });

  test('periods begin on Monday and a month shows its neighbours', () => {
    expect(periodOf('week', '2026-11-22')).toEqual({ from: '2026-11-16', until: '2026-11-23' });
    expect(periodOf('month', '2026-11-21')).toEqual({ from: '2026-10-26', until: '2026-12-07' });
    expect(periodOf('month', '2027-02-10')).toEqual({ from: '2027-02-01', until: '2027-03-01' });
    expect(stepped('month', '2026-01-31', 1)).toBe('2026-02-01');
    expect(stepped('week', '2026-01-01', -1)).toBe('2025-12-25');
    expect(periodTitle('month', '2026-11-21', 'fr-FR')).toBe('novembre 2026');
    expect(periodTitle('week', '2026-11-21', 'fr-FR')).toContain('16');
  });

  test('in French the first of a month is an ordinal, and nothing else is', () => {
    expect(withOrdinalFirst(periodTitle('day', '2026-12-01', 'fr-FR'))).toBe('mar. 1er décembre 2026');
    expect(withOrdinalFirst(periodTitle('week', '2027-02-02', 'fr-FR'))).toBe('1er–7 février 2027');
    expect(withOrdinalFirst(periodTitle('day', '2026-12-21', 'fr-FR'))).toBe('lun. 21 décembre 2026');
    expect(withOrdinalFirst('31 août 2026, 11:01 – 1 sept., 01:00')).toBe('31 août 2026, 11:01 – 1er sept., 01:00');
  });
});

describe('what comes from outside', () => {
  test('only web addresses become links', () => {
    expect(safeLink('https://calendar.google.com/event?eid=1')).toBe('https://calendar.google.com/event?eid=1');
    for (
      const address of ['javascript:alert(1)', 'data:text/html,x', ' JaVaScRiPt:alert(1)', '//evil.test', '', null]
    ) {
      expect(safeLink(address)).toBeNull();
    }
  });

  test('participants that are none are left out', () => {
    expect(attendeesOf([{ email: 'a@x.test' }, { name: ' ' }, null, 3, 'x', { name: 'Paul' }])).toHaveLength(2);
    expect(attendeesOf({ length: 2 })).toEqual([]);
  });
});
